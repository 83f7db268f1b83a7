/**
 * Another key that signs bundles. In place of one that is there: that one signs for it, and envoys follow by themselves. In place of
 * one that is lost and in no backup: every envoy has to be told on its own machine (docs/design/semantics.md §5). Must not know the command
 * line.
 */
import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { succeededBy } from "../../../core/bundle/succession.ts";
import { VigoError } from "../../../core/errors.ts";
import { newKeyPair } from "../../../core/pki/keys.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { readSettings } from "../config/read.ts";
import { revealing } from "../secrets/reveal.ts";
import { lockHome } from "../first-start/lock.ts";
import type { Home } from "../home.ts";
import { assertOwn } from "../owner.ts";
import { openStore } from "../store/database.ts";
import type { Store } from "../store/store.ts";
import { writeAtomically } from "../write-file.ts";
import { makeBundleKey, openBundleKey } from "./bundle-key.ts";
import { writeSuccessions } from "./succession-file.ts";

export interface ReplacedKey {
  readonly key_id: string;
  /** Those that have to be told. */
  readonly envoys: number;
}

/** Rejects with `missing` where there is no server, and with `conflict` while there is a key, or the server runs. */
export async function replaceBundleKey(home: Home, now: Date): Promise<ReplacedKey> {
  await assertOwn(home, "new-bundle-key");
  const { databaseFile } = await readSettings(home, revealing(home));
  if ((await ifThere(stat(databaseFile))) === undefined)
    throw new VigoError("missing", `there is no server yet: ${databaseFile} does not exist`, {
      hint: "vigo server init makes one, with its keys",
    });
  if ((await ifThere(stat(home.bundleKey))) !== undefined)
    throw new VigoError("conflict", `${home.bundleKey} is there, and envoys trust it`, {
      hint: "if it is no longer to be used, move it away first",
    });
  const unlock = lockHome(home.lock, home.folder);
  try {
    return await replace(home.bundleKey, databaseFile, now);
  } finally {
    unlock();
  }
}

/** Rejects with `missing` where there is no server or no key, and with `conflict` while the server runs. */
export async function rotateBundleKey(home: Home, now: Date): Promise<ReplacedKey> {
  await assertOwn(home, "rotate-bundle-key");
  const { databaseFile } = await readSettings(home, revealing(home));
  const unlock = lockHome(home.lock, home.folder);
  try {
    const former = await openBundleKey(home.bundleKey);
    const { seed, publicKey } = newKeyPair();
    const store = await openStore(databaseFile);
    try {
      const link = succeededBy(await serverIdIn(store), former, publicKey);
      // The link first: a key that nobody vouches for would be refused by all.
      await writeSuccessions(home.bundleKey, [...former.successions, link]);
      await writeAtomically(home.bundleKey, seed);
      return await told(store, home.bundleKey, "bundle_key.rotate", now);
    } finally {
      await store.close();
    }
  } finally {
    unlock();
  }
}

async function serverIdIn({ meta }: Store): Promise<string> {
  const id = await meta.get("server_id");
  if (id !== undefined) return id;
  throw new VigoError("missing", "there is no server yet", {
    hint: "vigo server init makes one, with its keys",
  });
}

async function told(
  store: Store,
  file: string,
  action: "bundle_key.replace" | "bundle_key.rotate",
  now: Date,
): Promise<ReplacedKey> {
  const { id } = await openBundleKey(file);
  const { username, uid } = userInfo();
  // A service is told no name.
  const actor = `local user ${username === "unknown" ? uid : username}`;
  await store.audit.append({ at: now.getTime(), actor, action, subject: id, detail: {} });
  const active = (await store.envoys.all()).filter(({ revokedAt }) => revokedAt === undefined);
  return { key_id: id, envoys: active.length };
}

async function replace(file: string, databaseFile: string, now: Date): Promise<ReplacedKey> {
  const store = await openStore(databaseFile);
  try {
    await makeBundleKey(file);
    return await told(store, file, "bundle_key.replace", now);
  } finally {
    await store.close();
  }
}
