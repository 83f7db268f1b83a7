/** Lines of `authorized_keys` (sshd(8)): options, kind, key, comment. Must not know where the file is, nor whose it is. */

/** The key itself, which tells two lines apart; undefined where a line holds none. */
export const keyBlob = (line: string): string | undefined =>
  line.startsWith("#") ? undefined : /(?:^|\s)(AAAA[A-Za-z0-9+/]+=*)(?:\s|$)/.exec(line)?.[1];

/** `text` with these key lines; those that are there in other words are replaced in place. Comments stay. */
export function withKeys(text: string, keys: readonly string[], exclusive: boolean): string {
  const wanted = new Map(keys.map((key) => [keyBlob(key.trim()), key.trim()]));
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const done = new Set<string | undefined>();
  const kept = lines.flatMap((line) => {
    const blob = keyBlob(line.trim());
    if (blob === undefined) return [line];
    const right = wanted.get(blob);
    if (right === undefined) return exclusive ? [] : [line];
    if (done.has(blob)) return [];
    done.add(blob);
    return [right];
  });
  const missing = [...wanted].filter(([blob]) => !done.has(blob)).map(([, line]) => line);
  return [...kept, ...missing].map((line) => `${line}\n`).join("");
}
