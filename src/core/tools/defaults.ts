/**
 * Settings of macOS through defaults(1): their kind, their value, and the words that write them. Must not know what they mean.
 */
import type { CommandResult, Host, ReadHost } from "../host.ts";
import { VigoError } from "../errors.ts";
import { mustSucceed } from "./exit.ts";
import { tailOf } from "../text/cut.ts";

export const defaultsKinds = ["string", "int", "float", "bool", "array"] as const;
export type DefaultsKind = (typeof defaultsKinds)[number];

export interface DefaultsPlace {
  readonly domain: string;
  readonly key: string;
  /** Whose settings they are; root's own when left out. */
  readonly user?: string | undefined;
}

export interface DefaultsValue {
  /** `other` for what is not written here: data, dates, dictionaries. */
  readonly kind: DefaultsKind | "other";
  /** As `defaults read` prints it; of an array its texts. */
  readonly value: string | readonly string[];
}

const kinds: Readonly<Record<string, DefaultsKind>> = {
  string: "string",
  integer: "int",
  float: "float",
  boolean: "bool",
  array: "array",
};

const command = ({ user }: DefaultsPlace, ...words: readonly string[]) => ({
  argv: ["defaults", ...words],
  ...(user !== undefined && { user }),
});

/** Undefined where there is no such key. */
export async function readDefault(
  host: ReadHost,
  place: DefaultsPlace,
): Promise<DefaultsValue | undefined> {
  const { domain, key } = place;
  const type = await host.query(command(place, "read-type", domain, key));
  if (isMissing(type)) return undefined;
  const kind = kindOf(type.stdout);
  const { stdout } = await mustSucceed(
    `defaults read ${domain} ${key}`,
    host.query(command(place, "read", domain, key)),
  );
  const text = stdout.replace(/\n$/, "");
  return { kind, value: kind === "array" ? parseArray(text) : text };
}

function isMissing({ code, stderr }: CommandResult): boolean {
  if (code === 0) return false;
  if (/does not exist/.test(stderr)) return true;
  throw new VigoError("failed", `defaults read-type: exit ${code}: ${tailOf(stderr.trim(), 300)}`);
}

/** From `Type is boolean`. */
export const kindOf = (printed: string): DefaultsValue["kind"] =>
  kinds[/^Type is (\w+)/.exec(printed)?.[1] ?? ""] ?? "other";

/** From a list of the old property lists: `(one, "two words", "a \"quote\"")`, one a line. */
export function parseArray(printed: string): readonly string[] {
  const inner = /^\(([\s\S]*)\)$/.exec(printed.trim())?.[1] ?? "";
  return inner
    .split("\n")
    .map((line) => line.trim().replace(/,$/, ""))
    .filter((line) => line !== "")
    .map(unquoted);
}

function unquoted(word: string): string {
  if (!word.startsWith('"')) return word;
  return word
    .slice(1, -1)
    .replace(/\\(?:U([0-9a-fA-F]{4})|n|([\s\S]))/g, (_, code?: string, letter?: string) =>
      code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : (letter ?? "\n"),
    );
}

export async function writeDefault(
  host: Host,
  place: DefaultsPlace,
  { kind, value }: DefaultsValue,
): Promise<void> {
  const words = typeof value === "string" ? [value] : value;
  const argv = ["write", place.domain, place.key, `-${kind}`, ...words];
  await mustSucceed(
    `defaults write ${place.domain} ${place.key}`,
    host.run(command(place, ...argv)),
  );
}

export async function deleteDefault(host: Host, place: DefaultsPlace): Promise<void> {
  const { domain, key } = place;
  const running = host.run(command(place, "delete", domain, key));
  await mustSucceed(`defaults delete ${domain} ${key}`, running);
}
