/** `vigo cli runs drift` */
import { type Drifted, listDrift } from "../../../../core/api/drift.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { command } from "../../command.ts";
import { atMost, limitFlag } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { painted, visible } from "../../print/text.ts";
import { sinceFlag } from "../../since.ts";

export default command({
  args: {
    ...sinceFlag("24h"),
    hostname: {
      type: "string",
      description: "Only on envoys whose name matches.",
      valueHint: "web-*",
    },
    ...limitFlag,
  },
  examples: ["vigo cli runs drift --since 7d", "vigo cli runs drift --hostname 'web-*' --json"],
  run: ({ since, hostname, limit }, { call }) =>
    call(listDrift, {
      params: {},
      query: {
        since,
        limit: Math.min(atMost(limit), 1000),
        ...(hostname === undefined ? {} : { hostname }),
      },
    }),
  print: ({ since, resources, runs, left_out: left }, screen) => {
    const now = new Date();
    if (resources.length === 0)
      return `No drift since ${since}: nobody but Vigo changed what it keeps.`;
    return [
      `${runs} runs since ${since} found what somebody had changed, and mended it:`,
      ...resources.map((one) => printDrifted(screen, one, now)),
      ...(left === 0 ? [] : [`${left} more resources; --limit shows more`]),
    ].join("\n\n");
  },
});

function printDrifted(screen: Pick<Screen, "colour">, one: Drifted, now: Date): string {
  const { key, type, envoys, runs, fields, hostnames, found, suspects } = one;
  const more = envoys - hostnames.length;
  const names = `${visible(hostnames.join(", "))}${more > 0 ? ` and ${more} more` : ""}`;
  return [
    `${painted(screen, "bold", visible(key))}  ${painted(screen, "dim", visible(type))}  on ${counted(envoys, "envoy")}, in ${counted(runs, "run")}`,
    `  from ${relative(one.first_at, now)} to ${relative(one.last_at, now)}: ${names}`,
    `  differed: ${visible(fields.join(", "))}`,
    ...found.map(({ value, times }) => `  found ${clipped(value)}, ${times} times`),
    ...blame(suspects),
  ].join("\n");
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const longest = 80;

function clipped(value: string | undefined): string {
  if (value === undefined) return "nothing";
  const text = visible(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text === "" ? '""' : text;
}

/** What Vigo did in between is known; what others did is not. */
function blame(suspects: Drifted["suspects"]): readonly string[] {
  if (suspects.length === 0)
    return ["  Vigo changed nothing in between: look for a person or a program on those machines"];
  return suspects.map(
    ({ key, type, cause, when, times }) =>
      `  perhaps by ${visible(key)} (${visible(type)}, ${cause}), which changed in the ${when}, ${times} times`,
  );
}
