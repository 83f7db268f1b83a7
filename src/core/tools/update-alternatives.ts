/**
 * The alternatives system: its records and update-alternatives(1), as dpkg has them; chkconfig's records differ only in a family
 * before the priority. Must not know what is wanted.
 */
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";

export interface Alternative {
  readonly automatic: boolean;
  /** The name programs are called by, like `/usr/bin/editor`. */
  readonly link: string;
  /** Priorities of what is registered, by path. */
  readonly choices: ReadonlyMap<string, number>;
}

const records = ["/var/lib/dpkg/alternatives", "/var/lib/alternatives"] as const;

/** Undefined where nobody has registered anything by this name. */
export async function alternative(host: ReadHost, name: string): Promise<Alternative | undefined> {
  for (const folder of records) {
    const text = await fileText(host, `${folder}/${name}`);
    if (text !== undefined) return parseAlternative(text);
  }
  return undefined;
}

/** Where the name leads now. */
export const chosen = async (host: ReadHost, name: string): Promise<string | undefined> =>
  (await host.stat(`/etc/alternatives/${name}`))?.target;

/** `auto`, the link, pairs of lines for slaves up to a blank line, then path, priority and the slaves' paths of each choice. */
export function parseAlternative(text: string): Alternative {
  const lines = text.split("\n");
  const [status, link = ""] = lines;
  const blank = lines.indexOf("", 2);
  const slaves = blank < 0 ? 0 : (blank - 2) / 2;
  const choices = new Map<string, number>();
  for (let at = blank + 1; blank >= 0 && at < lines.length; at += 2 + slaves) {
    const [path = "", priority = ""] = lines.slice(at, at + 2);
    if (path === "") break;
    choices.set(path, Number(/-?\d+$/.exec(priority)?.[0] ?? 0));
  }
  return { automatic: status === "auto", link, choices };
}

export async function updateAlternatives(host: Host, ...words: readonly string[]): Promise<void> {
  await mustSucceed(
    `update-alternatives ${words[0]}`,
    host.run({ argv: ["update-alternatives", ...words] }),
  );
}
