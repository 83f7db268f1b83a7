/** A folder of `tests/fixtures/` as the files of a machine. Must not know what is in them. */
import { Glob } from "bun";

/** Absolute path → text, as `fakeHost` takes it. */
export async function fixture(name: string): Promise<Record<string, string>> {
  const root = `tests/fixtures/${name}`;
  const files: Record<string, string> = {};
  for await (const path of new Glob("**/*").scan({ cwd: root, dot: true }))
    files[`/${path}`] = await Bun.file(`${root}/${path}`).text();
  return files;
}
