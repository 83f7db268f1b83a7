/** What a publish would change, for people: deletions first. Must not know how it was found out. */
import type { Screen } from "../../../core/command/screen.ts";
import type {
  Kind,
  Plan,
  PlannedAttribute,
  PlannedGroup,
  PlannedResource,
} from "../../../core/plan/plan.ts";
import { printProblem } from "../../../core/problem.ts";
import type { Planned } from "../plan.ts";
import { many } from "./problems.ts";
import { type Paint, painted, visible } from "./text.ts";

type Paints = Pick<Screen, "colour">;

const words: Readonly<Record<Kind, readonly [title: string, mark: string, paint: Paint]>> = {
  removed: ["Leaves the policy of", "-", "red"],
  changed: ["Changes on", "~", "yellow"],
  added: ["New on", "+", "green"],
  reordered: ["Runs in another order on, from here:", "~", "yellow"],
};

const whose: Readonly<Record<Planned["basis"], (known: number) => string>> = {
  fleet: (known) => `${many(known, "envoy")} of the fleet`,
  host: () => "this envoy",
  machine: () => "this machine",
  samples: (known) => `${many(known, "made-up host")}, one for each hostcrate`,
};

export function printPlan(screen: Paints, { plan, basis, against, away, over }: Planned): string {
  if (plan === undefined) return "";
  const parts = [
    ...(away === undefined ? [] : [painted(screen, "yellow", withoutServer(away, basis))]),
    ...plan.groups.map((group) => printGroup(screen, group)),
    ...(plan.groups_left_out > 0 ? [`… and ${many(plan.groups_left_out, "more difference")}`] : []),
    ...(plan.unresolved.length > 0 ? [printUnresolved(screen, plan)] : []),
    summary(plan, basis, against),
    ...(over.length > 0 ? [printOver(screen, over)] : []),
  ];
  return parts.join("\n\n");
}

export const printOver = (screen: Paints, over: readonly string[]): string =>
  [painted(screen, "red", "Over the change budget:"), ...over.map((line) => `  ${line}`)].join(
    "\n",
  );

const withoutServer = (away: string, basis: Planned["basis"]): string =>
  basis === "machine"
    ? `The server could not be asked (${visible(away)}); this is what its home has.`
    : `The server could not be asked (${visible(away)}): which envoys there are, and their traits, is not known.`;

function summary({ envoys, resources }: Plan, basis: Planned["basis"], against?: number): string {
  const { known, changed, unchanged, unresolved } = envoys;
  const from = against === undefined ? "Nothing was published yet" : `Against version ${against}`;
  const { removed, changed: differ, added } = resources;
  return [
    `${from}, for ${whose[basis](known)}: ${changed} change, ${unchanged} stay as they are, ${unresolved} cannot have it.`,
    `Resources, summed over them: ${removed} removed, ${differ} changed, ${added} added.`,
  ].join("\n");
}

function printGroup(screen: Paints, group: PlannedGroup): string {
  const [title, mark, paint] = words[group.change];
  const left = group.envoys - Math.min(group.hostnames.length, namesShown);
  const names = group.hostnames.slice(0, namesShown).map(visible).join(", ");
  const head = `${title} ${many(group.envoys, "envoy")}: ${names}${left > 0 ? ` and ${left} more` : ""}`;
  const more = group.resources_left_out;
  return [
    painted(screen, "bold", head),
    ...group.resources.flatMap((resource) => printResource(screen, resource, mark, paint)),
    ...(more > 0 ? [`  … and ${many(more, "more resource")}`] : []),
  ].join("\n");
}

const namesShown = 8;

function printResource(
  screen: Paints,
  { key, type, attributes, variants }: PlannedResource,
  mark: string,
  paint: Paint,
): readonly string[] {
  const folded = variants === undefined ? "" : `, differs on each: ${variants} ways`;
  const head = `  ${painted(screen, paint, mark)} ${visible(key)}  ${painted(screen, "dim", `${visible(type)}${folded}`)}`;
  return [head, ...attributes.flatMap((attribute) => printAttribute(screen, attribute))];
}

function printAttribute(screen: Paints, attribute: PlannedAttribute): readonly string[] {
  const { attribute: name, from, to, diff, hidden, varies } = attribute;
  const note = varies ? painted(screen, "dim", "  (here, for the first)") : "";
  if (hidden) return [`      ${visible(name)}: (hidden)`];
  if (diff === undefined) {
    const old = from === undefined ? "" : `${painted(screen, "red", shown(from))} → `;
    const now = to === undefined ? "(not set)" : painted(screen, "green", shown(to));
    return [`      ${visible(name)}: ${old}${now}${note}`];
  }
  const lines = diff.split("\n").map((line) => {
    const text = `        ${visible(line)}`;
    if (line.startsWith("-")) return painted(screen, "red", text);
    return line.startsWith("+") ? painted(screen, "green", text) : text;
  });
  return [`      ${visible(name)}:${note}`, ...lines];
}

const shown = (value: string): string => (value === "" ? '""' : visible(value));

function printUnresolved(screen: Paints, { unresolved, envoys }: Plan): string {
  const left = envoys.unresolved - unresolved.length;
  return [
    painted(screen, "red", "Cannot be resolved; they keep what they have:"),
    ...unresolved.flatMap(({ hostname, problems }) => [
      `  ${visible(hostname)}`,
      ...problems.map((problem) => `    ${visible(printProblem(problem).split("\n")[0] ?? "")}`),
    ]),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ].join("\n");
}
