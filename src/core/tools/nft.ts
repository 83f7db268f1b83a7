/**
 * Tables of nftables through nft(8). Must not know what is wanted. A wish is compared in the words of nft itself: it is loaded in
 * a network of its own, which nothing else is in and which ends with the question, and listed again.
 */
import { VigoError } from "../errors.ts";
import { missingTool } from "./exit.ts";
import type { CommandResult, Host, ReadHost } from "../host.ts";

export interface Table {
  readonly family: string;
  readonly name: string;
}

const named = ({ family, name }: Table) => `${family} ${name}`;

/** A text for `nft -f` that replaces the whole table in one transaction. Its second line is the first of the content. */
export const replacing = (table: Table, content: string): string =>
  `add table ${named(table)}; delete table ${named(table)}; table ${named(table)} {\n${content.trimEnd()}\n}\n`;

/** The table as it is, without counters and without what sets have learned; undefined where there is none. */
export async function listedTable(host: ReadHost, table: Table): Promise<string | undefined> {
  const argv = ["nft", "-s", "list", "table", table.family, table.name];
  const told = await host.query({ argv });
  if (told.code === 127 || told.stderr.includes("No such file or directory")) return undefined;
  return withoutLearned(mustWork("nft list table", told).stdout);
}

/** The table as it was written would be listed; undefined where there is no nft. Refuses what nft does. */
export async function wantedTable(
  host: ReadHost,
  table: Table,
  content: string,
): Promise<string | undefined> {
  if ((await host.query({ argv: ["nft", "--version"] })).code === 127) return undefined;
  const argv = ["unshare", "-n", "sh", "-c", "nft -f - && nft -s list ruleset"];
  const told = await host.query({ argv, stdin: replacing(table, content) });
  const listed = mustWork("nft does not take the table", told).stdout;
  if (/^table (?!.*\{$)|^\}[\s\S]*^table /m.test(listed))
    throw new VigoError("failed", "the content ends its table and goes on behind it", {
      hint: "a brace too many? Each table is a resource of its own",
    });
  return withoutLearned(listed);
}

/** Members of sets that rules fill by themselves, or that go with time. */
export const withoutLearned = (listed: string): string =>
  listed.replace(/^\t(?:set|map|meter) [\s\S]*?^\t\}$/gm, (block) =>
    /^\t\tflags .*\b(?:dynamic|timeout)\b/m.test(block)
      ? block.replace(/^\t\telements = \{[^}]*\}\n/m, "")
      : block,
  );

export async function load(host: Host, text: string): Promise<void> {
  mustWork("nft -f", await host.run({ argv: ["nft", "-f", "-"], stdin: text }));
}

/** A text for `nft -f` that brings back what is there now, counters and all; undone where there is nothing. */
export async function wayBack(host: ReadHost, table: Table): Promise<string> {
  const { code, stdout, truncated } = await host.query({
    argv: ["nft", "list", "table", table.family, table.name],
  });
  if (truncated === true)
    throw new VigoError("failed", `the table ${named(table)} is too long to be brought back`, {
      hint: "leave out verify, or empty its sets first",
    });
  const gone = `add table ${named(table)}; delete table ${named(table)}\n`;
  return code === 0 ? `${gone}${stdout}` : gone;
}

function mustWork(what: string, told: CommandResult): CommandResult {
  if (told.code === 0) return told;
  const said = told.stderr.trim();
  throw new VigoError("failed", `${what}: ${inPlace(said)}`, { hint: hintFor(told.code, said) });
}

function hintFor(code: number, said: string): string | undefined {
  if (code === 127) return missingTool;
  return said.includes("Interface does not exist")
    ? "write iifname and oifname: iif and oif need the interface to be there"
    : undefined;
}

/** Lines are counted as in the content. */
const inPlace = (said: string) =>
  said
    .split("\n")
    .slice(0, 3)
    .join("\n")
    .replace(
      /^\/dev\/stdin:(\d+):(\S+?):/,
      (_, line, place) => `line ${Number(line) - 1}:${place}:`,
    );
