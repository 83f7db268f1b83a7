/** Reads a file that a person has named, and says in words why it cannot be read. Must not know what is in it. */
import { open, readFile } from "node:fs/promises";
import { VigoError } from "../../core/errors.ts";
import { errno, whyUnreadable } from "../../core/publish/errno.ts";

/** Rejects with `missing` where there is none, else with `invalid`. */
export const readNamed = (file: string): Promise<string> =>
  said(file, () => readFile(file, "utf8"));

/** Its pieces as they are read, and how many bytes there are. Rejects as `readNamed`. */
export async function* piecesOf(
  file: string,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly all: number }> {
  const handle = await said(file, () => open(file, "r"));
  try {
    const { size } = await handle.stat();
    const buffer = new Uint8Array(1 << 16);
    for (;;) {
      const { bytesRead } = await said(file, () => handle.read(buffer, 0, buffer.length));
      if (bytesRead === 0) return;
      yield { bytes: buffer.subarray(0, bytesRead), all: size };
    }
  } finally {
    await handle.close();
  }
}

async function said<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = whyUnreadable(cause);
    if (why === undefined) throw cause;
    const isThere = !["ENOENT", "ENOTDIR"].includes(errno(cause) ?? "");
    throw new VigoError(isThere ? "invalid" : "missing", `${file} cannot be read: ${why}`, {
      cause,
    });
  }
}
