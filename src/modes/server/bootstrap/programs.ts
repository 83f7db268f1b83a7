/**
 * The executables this server can give to newcomers: its own, and those in `downloads/` named `vigo-TARGET[.exe]`. Must not
 * know who asks.
 */
import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type SigningKey, sign } from "../../../core/pki/keys.ts";
import { version } from "../../../core/version.ts";

export interface Program {
  /** `linux-x64`, `linux-arm64-musl`, `darwin-arm64`, `windows-x64`, … */
  readonly target: string;
  readonly file: string;
  /** Hex. */
  readonly sha256: string;
  /** Ed25519 over `statement`, by the key that signs bundles; base64. */
  readonly signature: string;
}

/** What is signed of a program: one line, so that a shell can write it too. */
export const statement = (target: string, sha256: string): string =>
  `vigo.v1.download ${target} ${sha256}\n`;

/** `vigo-TARGET[.exe]` in the downloads folder; undefined for any other name. */
export const targetOf = (name: string): string | undefined =>
  /^vigo-([a-z0-9]+-[a-z0-9]+(?:-musl)?)(?:\.exe)?$/.exec(name)?.[1];

/** A file put there by the operator goes before the server's own. Hashes are kept until a file changes. */
export function programs(downloads: string, key: SigningKey): () => Promise<readonly Program[]> {
  const known = new Map<string, { readonly mark: string; readonly sha256: string }>();
  const hashed = async (target: string, file: string): Promise<Program> => {
    const { size, mtimeMs } = await stat(file);
    const mark = `${size} ${mtimeMs}`;
    const before = known.get(file);
    const sha256 = before?.mark === mark ? before.sha256 : await digest(file);
    known.set(file, { mark, sha256 });
    const signature = sign(Buffer.from(statement(target, sha256)), key);
    return { target, file, sha256, signature: Buffer.from(signature).toString("base64") };
  };
  return async () => {
    const files = new Map(own());
    for (const name of await readdir(downloads)) {
      const target = targetOf(name);
      if (target !== undefined) files.set(target, join(downloads, name));
    }
    return Promise.all([...files].map(([target, file]) => hashed(target, file)));
  };
}

/** Run from source there is no executable but Bun's. */
const own = (): readonly (readonly [string, string])[] =>
  Bun.main.startsWith("/$bunfs/") ? [[version.target, process.execPath]] : [];

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of Bun.file(file).stream()) hash.update(chunk);
  return hash.digest("hex");
}
