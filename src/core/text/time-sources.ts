/** Where a clock asks for the time: lines of chrony.conf(5), and timesyncd.conf(5). Must not know which of them is used. */
import { type Lines, spliced, withLines } from "./lines.ts";

export interface TimeSources {
  readonly servers: readonly string[];
  readonly pools: readonly string[];
}

const source = /^\s*(?:server|pool|peer)\s+(\S+)/i;

/** These sources and no others; options that a source has been given stay, and so does its line. */
export function withSources(doc: Lines, { servers, pools }: TimeSources): Lines {
  const wanted = [
    ...servers.map((name) => ["server", name] as const),
    ...pools.map((name) => ["pool", name] as const),
  ];
  const is = (text: string, kind: string, name: string) =>
    source.exec(text)?.[1] === name && text.trim().toLowerCase().startsWith(`${kind} `);
  const kept = doc.lines.filter(
    ({ text }) => !source.test(text) || wanted.some(([kind, name]) => is(text, kind, name)),
  );
  const missing = wanted
    .filter(([kind, name]) => !kept.some(({ text }) => is(text, kind, name)))
    .map(([kind, name]) => `${kind} ${name} iburst`);
  const removedAt = doc.lines.findIndex(({ text }) => source.test(text));
  const last = kept.findLastIndex(({ text }) => source.test(text));
  const at = last >= 0 ? last + 1 : removedAt < 0 ? kept.length : removedAt;
  return spliced(withLines(doc, kept), at, 0, missing);
}

export function withoutSources(doc: Lines, { servers, pools }: TimeSources): Lines {
  const names = [...servers, ...pools];
  return withLines(
    doc,
    doc.lines.filter(({ text }) => !names.includes(source.exec(text)?.[1] ?? "")),
  );
}

/** A file of its own for timesyncd: what other files say is taken back first. */
export const timesyncdText = ({ servers, pools }: TimeSources): string =>
  `# Kept by Vigo.\n[Time]\nNTP=\nNTP=${[...servers, ...pools].join(" ")}\n`;
