/**
 * passwd(5), group(5) and shadow(5) of a machine in memory, as shadow's tools leave them, and how those end: for dry runs. Must not
 * know which accounts are wanted, nor run a tool.
 */
import type { CommandResult, Host, ReadHost } from "../host.ts";

export type Row = readonly string[];

export const tables = {
  passwd: "/etc/passwd",
  group: "/etc/group",
  shadow: "/etc/shadow",
} as const;

export const ended = (code: number, stderr: string): CommandResult => ({
  code,
  stdout: "",
  stderr,
});
export const done = ended(0, "");

const textOf = async (host: ReadHost, path: string) =>
  new TextDecoder().decode((await host.read(path)) ?? new Uint8Array());

export const rowsOf = async (host: ReadHost, path: string): Promise<readonly Row[]> =>
  (await textOf(host, path))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));

export async function write(host: Host, path: string, rows: readonly Row[]): Promise<void> {
  const text = rows.map((row) => `${row.join(":")}\n`).join("");
  await host.write(path, new TextEncoder().encode(text));
}

/** Rows of one name, with the fields that become others, by their place. */
export async function change(
  host: Host,
  path: string,
  name: string,
  edit: (row: Row) => Readonly<Record<number, string>>,
): Promise<void> {
  const rows = await rowsOf(host, path);
  await write(
    host,
    path,
    rows.map((row) => (row[0] === name ? Object.assign([...row], edit(row)) : row)),
  );
}

export async function drop(host: Host, path: string, name: string): Promise<void> {
  const rows = await rowsOf(host, path);
  await write(
    host,
    path,
    rows.filter(([own]) => own !== name),
  );
}

/** The value of `NAME value` or `NAME=value` in login.defs(5) and /etc/default/useradd. */
export async function setting(
  host: ReadHost,
  path: string,
  name: string,
): Promise<string | undefined> {
  const text = await textOf(host, path);
  return new RegExp(`^\\s*${name}(?:\\s+|=)(\\S+)`, "m").exec(text)?.[1];
}

/**
 * A number that is free in a table: above the highest of people, below the lowest of the system's own. No report shows which one the
 * tools choose in truth.
 */
export async function freeNumber(
  host: ReadHost,
  kind: "UID" | "GID",
  isSystem: boolean,
): Promise<number> {
  const path = kind === "UID" ? tables.passwd : tables.group;
  const taken = new Set((await rowsOf(host, path)).map((row) => Number(row[2])));
  const word = isSystem ? `SYS_${kind}_MAX` : `${kind}_MIN`;
  let number = Number((await setting(host, "/etc/login.defs", word)) ?? (isSystem ? 999 : 1000));
  while (taken.has(number)) number += isSystem ? -1 : 1;
  return number;
}

/** Who has a number already, but this one. */
export async function ownerOf(
  host: ReadHost,
  path: string,
  number: string,
  but: string,
): Promise<string | undefined> {
  const rows = await rowsOf(host, path);
  return rows.find(([name, , own]) => own === number && name !== but)?.[0];
}
