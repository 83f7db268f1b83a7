/**
 * The keys that secrets are encrypted with, in their file. One is current; a former one stays only as long as a rotation is
 * under way, so that a kill in the middle loses nothing. Must not know secrets.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import { keyId } from "../../../core/pki/keys.ts";
import { readIfThere, writeAtomically } from "../write-file.ts";

const written = z.strictObject({
  current: z.string(),
  keys: z.record(z.string(), z.string().regex(/^[A-Za-z0-9+/]{43}=$/)),
});

export interface MasterKeys {
  readonly current: string;
  /** 32 bytes each, by id. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

export function newMasterKeys(before?: MasterKeys): MasterKeys {
  const key = new Uint8Array(randomBytes(32));
  const current = keyId(key);
  return { current, keys: new Map([...(before?.keys ?? []), [current, key]]) };
}

export const onlyCurrent = ({ current, keys }: MasterKeys): MasterKeys => ({
  current,
  keys: new Map([...keys].filter(([id]) => id === current)),
});

/** Undefined where there is none yet. Rejects with `failed` for what is no key file. */
export async function readMasterKeys(file: string): Promise<MasterKeys | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const { current, keys } = parse(text, file);
  const known = new Map(
    Object.entries(keys).map(([id, key]) => [id, new Uint8Array(Buffer.from(key, "base64"))]),
  );
  if (!known.has(current)) throw damaged(file);
  return { current, keys: known };
}

export async function writeMasterKeys(file: string, { current, keys }: MasterKeys): Promise<void> {
  const spelled = [...keys].map(([id, key]) => [id, Buffer.from(key).toString("base64")]);
  const text = JSON.stringify({ current, keys: Object.fromEntries(spelled) });
  await writeAtomically(file, `${text}\n`);
}

function parse(text: string, file: string): z.output<typeof written> {
  try {
    return written.parse(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) throw damaged(file);
    throw cause;
  }
}

/** Without a cause: what the parsers quote may be the key. */
const damaged = (file: string) =>
  new VigoError("failed", `${file} is no master key`, {
    hint: "restore it from a backup: without it no secret can be read",
  });
