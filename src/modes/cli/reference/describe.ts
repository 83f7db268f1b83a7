/** Resource types and traits as data for whoever prints them: `explain` and the manual. Must not know either. */
import { stringify } from "yaml";
import { type AnyResourceType, isAction } from "../../../core/resource.ts";
import { proven, recorded } from "../../../core/resources/proven.ts";
import { type AnyTraitType, platformsOf, stableFields } from "../../../core/trait.ts";
import { type Field, fieldsOf, time } from "./fields.ts";

export interface DescribedType {
  readonly kind: "resource type";
  readonly name: string;
  readonly summary: string;
  readonly platforms: readonly string[];
  /** The parameter that the default name is made of. */
  readonly main?: string;
  /** It does something when notified. */
  readonly notifiable: boolean;
  /** What `revert: true` does; absent: nothing undoes it. */
  readonly reverted?: string;
  /** On what machines it has been through its life, or that it was only on recorded outputs. */
  readonly proven: readonly string[];
  readonly parameters: readonly Field[];
  readonly examples: readonly { readonly title: string; readonly vgo: string }[];
}

export interface DescribedTrait {
  readonly kind: "trait";
  readonly name: string;
  readonly summary: string;
  readonly platforms: readonly string[];
  /** How each of these was proven. */
  readonly proven: string;
  /** run, hour or boot: how long a value is kept. */
  readonly keep: string;
  readonly fields: readonly (Field & { readonly stable: boolean })[];
  readonly example: unknown;
}

const reversals = {
  command: "`revert: true` runs `on_revert` once.",
  value: "`revert: true` puts back what was there before the first change.",
} as const;

export const describeType = (type: AnyResourceType): DescribedType => ({
  kind: "resource type",
  name: type.name,
  summary: type.summary,
  platforms: type.platforms,
  ...(type.main === undefined ? {} : { main: type.main }),
  notifiable: type.refresh !== undefined,
  ...(type.reversal === undefined ? {} : { reverted: reversals[type.reversal.kind] }),
  proven: proven[type.name] ?? recorded,
  parameters: fieldsOf(type.params),
  examples: type.examples.map((example) => ({
    title: example.title,
    vgo: vgo(asWritten(type, example)),
  })),
});

/** What an operator writes, so that it may be copied as it stands: named where it must be, and an action with who notifies it. */
function asWritten(
  type: AnyResourceType,
  { title, params }: AnyResourceType["examples"][number],
): readonly object[] {
  const isDone = isAction(type, type.params.parse(params));
  const name = nameOf(title);
  const resource = { type: type.name, ...params, ...timesOf(type, params) };
  if (type.main !== undefined && !isDone) return [resource];
  const named = { name, ...resource };
  return isDone ? [named, { ...notifier, notify: name }] : [named];
}

/** In an example as in policy a bare number is seconds; a unit says so. */
function timesOf(type: AnyResourceType, params: Readonly<Record<string, unknown>>) {
  const times = fieldsOf(type.params).filter(({ type: kind }) => kind === time);
  const given = times.filter(({ name }) => typeof params[name] === "number");
  return Object.fromEntries(given.map(({ name }) => [name, `${params[name]}s`]));
}

const notifier = { type: "file", target_path: "/etc/example.conf", content: "colour: blue\n" };

const nameOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll("'", "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

export function describeTrait(trait: AnyTraitType): DescribedTrait {
  const stable = stableFields(trait);
  return {
    kind: "trait",
    name: trait.name,
    summary: trait.summary,
    platforms: platformsOf(trait),
    proven: provenOn(trait),
    keep: trait.keep,
    fields: fieldsOf(trait.value).map((field) => ({
      ...field,
      stable: stable.includes(`${trait.name}.${field.name}`),
    })),
    example: trait.example,
  };
}

/** There is a proof in the lab of each on Linux (tests/lab/traits.test.ts), and no other machine. */
function provenOn(trait: AnyTraitType): string {
  const others = platformsOf(trait).filter((platform) => platform !== "linux");
  const live = "Proven on Linux beside the system's own tools";
  return others.length === 0
    ? `${live}.`
    : `${live}; on ${others.join(" and ")} on recorded outputs only.`;
}

/** Entries of `resources:`. */
const vgo = (resources: readonly object[]): string =>
  stringify(resources, { lineWidth: 100, defaultStringType: "PLAIN" }).trimEnd();

export const keepInWords: Readonly<Record<string, string>> = {
  run: "collected at every run",
  hour: "collected once an hour",
  boot: "collected after a boot, and every tenth run at least",
};
