/** Who is asked for names: lines of resolv.conf(5), and resolved.conf(5). Must not know which of them is used. */
import { type Lines, spliced, withLines } from "./lines.ts";

export interface Resolver {
  readonly nameservers: readonly string[];
  /** Undefined: what is there stays. */
  readonly search: readonly string[] | undefined;
  readonly options: readonly string[] | undefined;
}

/** These servers in this order and no others; comments and what nothing is said about stay. */
export function withResolver(doc: Lines, { nameservers, search, options }: Resolver): Lines {
  const lines = [
    ...(search === undefined || search.length === 0 ? [] : [`search ${search.join(" ")}`]),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options === undefined || options.length === 0 ? [] : [`options ${options.join(" ")}`]),
  ];
  const ours = (text: string) => {
    const word = /^\s*(\w+)(?:\s|$)/.exec(text)?.[1] ?? "";
    if (word === "nameserver") return true;
    if (word === "search" || word === "domain") return search !== undefined;
    return word === "options" && options !== undefined;
  };
  const is = doc.lines.filter(({ text }) => ours(text)).map(({ text }) => spaced(text));
  if (is.toSorted(byWord).join("\n") === lines.toSorted(byWord).join("\n")) return doc;
  const first = doc.lines.findIndex(({ text }) => ours(text));
  const kept = doc.lines.filter(({ text }) => !ours(text));
  const before = doc.lines.slice(0, Math.max(0, first)).filter(({ text }) => !ours(text)).length;
  return spliced(withLines(doc, kept), first < 0 ? kept.length : before, 0, lines);
}

/** Order counts among servers, not among kinds of lines; sorting is stable. */
const byWord = (a: string, b: string) => {
  const [x = "", y = ""] = [a.split(" ")[0], b.split(" ")[0]];
  if (x === y) return 0;
  return x < y ? -1 : 1;
};

const spaced = (text: string) => text.trim().replace(/\s+/g, " ");

/** Without these servers, and without search and options if any were declared. */
export function withoutResolver(doc: Lines, { nameservers, search, options }: Resolver): Lines {
  const gone = new Set([
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(search === undefined ? [] : [`search ${search.join(" ")}`]),
    ...(options === undefined ? [] : [`options ${options.join(" ")}`]),
  ]);
  return withLines(
    doc,
    doc.lines.filter(({ text }) => !gone.has(spaced(text))),
  );
}

/** A file of its own for resolved: what other files say is taken back first. */
export const resolvedText = ({ nameservers, search }: Resolver): string =>
  [
    "# Kept by Vigo.",
    "[Resolve]",
    "DNS=",
    `DNS=${nameservers.join(" ")}`,
    ...(search === undefined ? [] : ["Domains=", `Domains=${search.join(" ")}`]),
    "",
  ].join("\n");

/**
 * Does a resolv.conf that was made of several sources hold these? Where it has three servers, or one on the machine itself in front,
 * no more go in.
 */
export function holdsResolver(made: string, { nameservers, search = [] }: Resolver): boolean {
  const lines = made.split("\n").map((line) => spaced(line).split(" "));
  const valuesOf = (word: string) =>
    lines.flatMap(([first, ...rest]) => (first === word ? rest : []));
  const servers = valuesOf("nameserver");
  const domains = valuesOf("search");
  const isFull = servers.length >= 3 || /^(?:127\.|::1$)/.test(servers[0] ?? "");
  return (
    (isFull || nameservers.every((server) => servers.includes(server))) &&
    search.every((domain) => domains.includes(domain))
  );
}
