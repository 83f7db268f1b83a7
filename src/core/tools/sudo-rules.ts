/** Who may run something through sudo, by sudoers(5). Must not know accounts: a group is given as its name. */

export interface Sudoers {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Everybody. */
  readonly all: boolean;
}

const settings =
  /^(?:Defaults|Runas_Alias|Host_Alias|Cmnd_Alias|Cmd_Alias|[@#]include(?:dir)?)(?![\w-])/;

/**
 * The first column of every rule, its aliases replaced by what they stand for. Names with a blank or comma in quotes, netgroups
 * and whom a list excludes (`!name`) are left out.
 */
export function parseSudoers(text: string): Sudoers {
  const lines = text
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.replace(/#(?!\d).*/, "").trim())
    .filter((line) => line !== "" && !settings.test(line));
  const aliases = new Map<string, readonly string[]>();
  const named: string[] = [];
  for (const line of lines) {
    const definitions = /^User_Alias\s+(.*)$/.exec(line)?.[1];
    if (definitions === undefined) named.push(...firstColumn(line));
    else for (const [name, list] of aliasesIn(definitions)) aliases.set(name, list);
  }
  const who = new Set(named.flatMap((name) => expanded(name, aliases)));
  return {
    users: [...who].filter((name) => /^[A-Za-z_][\w.-]*\$?$/.test(name) && name !== "ALL"),
    groups: [...who].filter((name) => /^%[^#:]/.test(name)).map((name) => name.slice(1)),
    all: who.has("ALL"),
  };
}

/** A list goes on after a comma, whatever blanks are around it. */
const firstColumn = (line: string) =>
  (/^[^\s,]+(?:\s*,\s*[^\s,]+)*/.exec(line)?.[0] ?? "").split(",").map((name) => name.trim());

/** `A = x, y : B = z` */
const aliasesIn = (definitions: string) =>
  definitions.split(":").map((definition) => {
    const [name = "", list = ""] = definition.split("=", 2);
    return [name.trim(), list.split(",").map((item) => item.trim())] as const;
  });

/** An alias may name others, and sudo refuses circles; a name is looked up once on each way down, so none can keep us. */
function expanded(
  name: string,
  aliases: ReadonlyMap<string, readonly string[]>,
  above: ReadonlySet<string> = new Set(),
): readonly string[] {
  const list = aliases.get(name);
  if (list === undefined || above.has(name)) return [name];
  return list.flatMap((inner) => expanded(inner, aliases, new Set([...above, name])));
}
