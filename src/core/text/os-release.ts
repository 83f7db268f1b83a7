/**
 * os-release(5): shell-like assignments, quoted or not. Must not know which of them mean what.
 */

/** By name; the last of two wins, as in a shell. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm);
  return new Map([...lines].map(([, name = "", value = ""]) => [name, unquoted(value.trim())]));
}

/** Inside of double quotes a backslash keeps `"`, `$`, a backquote and itself from the shell. */
function unquoted(value: string): string {
  const [, quote, inside = ""] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (quote === "'") return inside;
  return (quote === '"' ? inside : value).replace(/\\(["$`\\])/g, "$1");
}
