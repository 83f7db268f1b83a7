/** Resource types and traits as data for whoever prints them: `explain` and the manual. Must not know either. */
import { stringify } from "yaml";
import type { AnyResourceType } from "../../../core/resource.ts";
import { proven, recorded } from "../../../core/resources/proven.ts";
import { type AnyTraitType, stableFields } from "../../../core/trait.ts";
import { type Field, fieldsOf } from "./fields.ts";

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
  examples: type.examples.map(({ title, params }) => ({
    title,
    vgo: vgo({ type: type.name, ...params }),
  })),
});

export function describeTrait(trait: AnyTraitType): DescribedTrait {
  const stable = stableFields(trait);
  return {
    kind: "trait",
    name: trait.name,
    summary: trait.summary,
    platforms: trait.platforms,
    keep: trait.keep,
    fields: fieldsOf(trait.value).map((field) => ({
      ...field,
      stable: stable.includes(`${trait.name}.${field.name}`),
    })),
    example: trait.example,
  };
}

/** One entry of `resources:`, as an operator writes it. */
const vgo = (resource: object): string =>
  stringify([resource], { lineWidth: 100, defaultStringType: "PLAIN" }).trimEnd();

export const keepInWords: Readonly<Record<string, string>> = {
  run: "collected at every run",
  hour: "collected once an hour",
  boot: "collected after a boot, and every tenth run at least",
};
