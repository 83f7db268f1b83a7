/**
 * Secrets of second factors, encrypted wherever the database is: who has a copy of it makes nobody's codes. Those that an earlier
 * version wrote in clear are read as they are, and encrypted at the next start. Must not know SQL, nor what a code is.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { decrypt, encrypt } from "../secrets/cipher.ts";
import type { UserRow, UserStore } from "../store/identity.ts";
import type { Store } from "../store/store.ts";
import { writeAtomically } from "../write-file.ts";

/** Of what is encrypted; a secret itself is base32 and has no colon. */
const mark = "sealed:";

/** It could not be opened: the key is another one. */
export const isSealed = (secret: string): boolean => secret.startsWith(mark);

/** 32 bytes, made where there are none yet. Rejects with `failed` for what is no key. */
export async function factorKey(file: string): Promise<Uint8Array> {
  const known = await ifThere(readFile(file));
  if (known?.length === 32) return new Uint8Array(known);
  if (known !== undefined)
    throw new VigoError("failed", `${file} is no key`, {
      hint: "restore it from a backup; without it users need their second factor reset: remove the file, then vigo cli webusers reset-totp NAME",
    });
  const made = new Uint8Array(randomBytes(32));
  await writeAtomically(file, made);
  return made;
}

/** The same store; the database under it never sees a secret. */
export const withSealedFactors = (store: Store, key: Uint8Array): Store => ({
  ...store,
  users: sealedUsers(store.users, key),
});

function sealedUsers(users: UserStore, key: Uint8Array): UserStore {
  const open = (row: UserRow) => mapped(row, (secret) => opened(key, row.name, secret));
  const seal = (row: UserRow) => mapped(row, (secret) => sealed(key, row.name, secret));
  const maybe = (row: UserRow | undefined) => row && open(row);
  return {
    find: async (name) => maybe(await users.find(name)),
    findByOrigin: async (origin) => maybe(await users.findByOrigin(origin)),
    page: async (limit, after) => (await users.page(limit, after)).map(open),
    insert: (row, audit) => users.insert(seal(row), audit),
    change: async (name, to, audit, ended) => {
      const change = (row: UserRow, others: () => readonly UserRow[]) => {
        const after = to(open(row), () => others().map(open));
        return after && seal(after);
      };
      return maybe(await users.change(name, change, audit, ended));
    },
  };
}

const mapped = (row: UserRow, to: (secret: string) => string): UserRow =>
  row.totp === undefined ? row : { ...row, totp: { ...row.totp, secret: to(row.totp.secret) } };

/** Bound to its user, so that nobody gets in with another's. */
const bound = (name: string): Uint8Array => Buffer.from(`vigo.v1.totp\0${name}`);

function sealed(key: Uint8Array, name: string, secret: string): string {
  if (isSealed(secret)) return secret;
  const { nonce, tag, ciphertext } = encrypt(key, Buffer.from(secret), bound(name));
  return mark + Buffer.concat([nonce, tag, ciphertext]).toString("base64");
}

/** What cannot be opened stays as it is: the user is there, and can be helped. */
function opened(key: Uint8Array, name: string, secret: string): string {
  if (!isSealed(secret)) return secret;
  const bytes = new Uint8Array(Buffer.from(secret.slice(mark.length), "base64"));
  const [nonce, tag, ciphertext] = [bytes.slice(0, 12), bytes.slice(12, 28), bytes.slice(28)];
  const plain = decrypt(key, { nonce, tag, ciphertext }, bound(name));
  return plain === undefined ? secret : Buffer.from(plain).toString();
}

const batch = 500;

/** Encrypts what is still in clear, and takes its traces out of the file. Says how many. */
export async function sealFormerFactors(store: Store, key: Uint8Array): Promise<number> {
  const sealing = withSealedFactors(store, key);
  let [count, after] = [0, ""];
  for (;;) {
    const rows = await store.users.page(batch, after);
    for (const { name, totp } of rows) {
      after = name;
      if (totp === undefined || isSealed(totp.secret)) continue;
      await sealing.users.change(name, (row) => row, undefined);
      count++;
    }
    if (rows.length < batch) break;
  }
  if (count > 0) await store.vacuum();
  return count;
}
