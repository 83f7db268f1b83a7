/**
 * What an operator does whose signing key is lost and in no backup. Never done by itself: every envoy has to be told on its own
 * machine (docs/design/semantics.md §5). Must not know the command line.
 */
import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { VigoError } from "../../../core/errors.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { readSettings } from "../config/read.ts";
import { revealing } from "../secrets/reveal.ts";
import { lockHome } from "../first-start/lock.ts";
import type { Home } from "../home.ts";
import { openStore } from "../store/sqlite/open.ts";
import { makeBundleKey, openBundleKey } from "./bundle-key.ts";

export interface ReplacedKey {
  readonly key_id: string;
  /** Those that have to be told. */
  readonly envoys: number;
}

/** Rejects with `missing` where there is no server, and with `conflict` while there is a key, or the server runs. */
export async function replaceBundleKey(home: Home, now: Date): Promise<ReplacedKey> {
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

async function replace(file: string, databaseFile: string, now: Date): Promise<ReplacedKey> {
  const store = await openStore(databaseFile);
  try {
    await makeBundleKey(file);
    const { id } = await openBundleKey(file);
    await store.audit.append({
      at: now.getTime(),
      actor: `local user ${userInfo().username}`,
      action: "bundle_key.replace",
      subject: id,
      detail: {},
    });
    const active = (await store.envoys.all()).filter(({ revokedAt }) => revokedAt === undefined);
    return { key_id: id, envoys: active.length };
  } finally {
    await store.close();
  }
}
