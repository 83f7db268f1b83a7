/**
 * Versions that programs tell about themselves. A program that has not changed is not asked twice. Must not know any program.
 */
import type { ReadHost } from "../host.ts";

const known = new Map<string, { readonly stamp: string; readonly said: string }>();
const mostKnown = 200;

/** What `PROGRAM WORDS` prints; undefined where there is no such program, or it fails. */
export async function told(
  host: ReadHost,
  program: string,
  words: readonly string[],
): Promise<string | undefined> {
  const found = await host.stat(program, { follow: true });
  if (found?.kind !== "file" || (found.mode & 0o111) === 0) return undefined;
  const key = [program, ...words].join(" ");
  const stamp = `${found.modified.getTime()}:${found.bytes}:${found.inode ?? ""}`;
  const before = known.get(key);
  if (before?.stamp === stamp) return before.said;
  const { code, stdout, stderr } = await host.query({
    argv: [program, ...words],
    timeoutMs: 4_000,
  });
  if (code !== 0) return undefined;
  const said = stdout.trim() === "" ? stderr : stdout;
  if (known.size >= mostKnown) known.clear();
  known.set(key, { stamp, said });
  return said;
}

/** Programs of these names on the path that units have. */
export const programsNamed = (name: string): readonly string[] =>
  ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"].map(
    (folder) => `${folder}/${name}`,
  );
