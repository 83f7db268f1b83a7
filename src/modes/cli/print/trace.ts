/** Why a host gets what it gets, for people. Must not know how it was found out. */
import type { Screen } from "../../../core/command/screen.ts";
import type { Place } from "../../../core/policy/model.ts";
import type { Trace, TracedCondition, TracedVar } from "../../../core/policy/trace.ts";
import { printProblem } from "../../../core/problem.ts";
import { facts } from "./table.ts";
import { painted, visible } from "./text.ts";

interface Traced extends Trace {
  readonly source: string;
  readonly traits_known: boolean;
}

type Paints = Pick<Screen, "colour">;

export function printTrace(screen: Paints, traced: Traced): string {
  const known = traced.traits_known
    ? "with the traits it reported"
    : "as a host that has reported no traits";
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["Problems", traced.problems.map(printProblem)],
    [
      "Passed over",
      traced.passedOver.map(
        ({ place, why }) =>
          `${at(place)}  its ${why === "name" ? "names do not match" : "`where:` is false"}`,
      ),
    ],
    [
      "Configcrates",
      traced.configcrates.map(
        (crate) => `${crate.name}  ${fate(crate)}${claimed(crate.compliance)}  ${at(crate.place)}`,
      ),
    ],
    [
      "Resources",
      traced.resources.map(
        (resource) =>
          `${verdict[resource.decision]}  ${resource.name}${expanded(resource.keys, resource.name)}${asked(resource.when)}  ${at(resource.place)}`,
      ),
    ],
    ["Vars", traced.vars.flatMap(printVar)],
    [
      "Waivers",
      traced.waivers.map(
        ({ controls, reason, until, place }) =>
          `${controls.join(", ")} until ${until}: ${visible(reason)}  ${at(place)}`,
      ),
    ],
    [
      "Dropped edges",
      traced.dropped.map(({ to, place }) => `${visible(to)} is not on this host  ${at(place)}`),
    ],
  ];
  const head = facts([
    ["host", visible(traced.hostname)],
    ["policy", `${traced.source}, ${known}`],
    ["hostcrate", traced.hostcrate === undefined ? "none matches" : at(traced.hostcrate)],
    ["environment", traced.environment],
    [
      "roles",
      traced.roles.length === 0 ? undefined : traced.roles.map(({ name }) => name).join(", "),
    ],
  ]);
  const printed = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) =>
      [painted(screen, "bold", title), ...lines.map((line) => `  ${line}`)].join("\n"),
    );
  return [head, ...printed].join("\n\n");
}

const verdict = { in: "in     ", out: "out    ", travels: "envoy  " } as const;

const at = ({ file, line }: Place): string => `${file}:${line}`;

function fate({ because, excludedBy, when }: Trace["configcrates"][number]): string {
  const how = because === "" ? "" : `by ${because}`;
  return excludedBy === undefined ? `${how}${asked(when)}` : `${how}, taken out by ${excludedBy}`;
}

const claimed = (controls: readonly string[]): string =>
  controls.length === 0 ? "" : `  for ${controls.join(", ")}`;

const decided = { in: "true", out: "false", travels: "decided on the envoy" } as const;

const asked = (when: TracedCondition | undefined): string =>
  when === undefined ? "" : `  when ${visible(when.source)}: ${decided[when.decision]}`;

function expanded(keys: readonly string[], name: string): string {
  const items = keys.filter((key) => key !== name).map((key) => key.slice(name.length));
  return items.length === 0 ? "" : ` ${visible(items.join(" "))}`;
}

function printVar({ name, value, set }: TracedVar): readonly string[] {
  const steps = set.map(
    ({ what, place, value: given }) =>
      `    ${at(place)}  ${what}: ${visible(JSON.stringify(given))}`,
  );
  return [`${name} = ${visible(JSON.stringify(value))}`, ...steps];
}
