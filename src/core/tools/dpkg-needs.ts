/**
 * What installed packages need of one another. Source: Debian Policy 7. Must not know what is wanted.
 */

interface Paragraph {
  readonly name: string;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
}

/** Names in a list of relations: `a (>= 1) | b:any, c`. All of an alternative count, since any of them may be in use. */
const namesIn = (relations: string): readonly string[] =>
  relations.split(/[,|]/).flatMap((word) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(word)?.[1] ?? []);

function paragraphs(status: string): readonly Paragraph[] {
  return status.split("\n\n").flatMap((text) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1] ?? "";
    if (!/ installed$/.test(field("Status"))) return [];
    const needs = ["Pre-Depends", "Depends", "Recommends"].flatMap((name) => namesIn(field(name)));
    return [{ name: field("Package"), needs, provides: namesIn(field("Provides")) }];
  });
}

/** These, and all that is installed because they want it, directly or not. */
export function withNeeds(
  status: string,
  isWanted: (name: string) => boolean,
): ReadonlySet<string> {
  const all = paragraphs(status);
  const byName = new Map<string, Paragraph[]>();
  for (const paragraph of all)
    for (const name of [paragraph.name, ...paragraph.provides])
      byName.set(name, [...(byName.get(name) ?? []), paragraph]);
  const found = new Set<string>();
  const waiting = all.filter(({ name }) => isWanted(name));
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (found.has(one.name)) continue;
    found.add(one.name);
    waiting.push(...one.needs.flatMap((name) => byName.get(name) ?? []));
  }
  return found;
}
