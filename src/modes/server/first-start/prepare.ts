/**
 * Makes what a server needs and does not have: folders, settings, an example, keys, database, the first admin. Each piece is
 * made on its own and in this order, and the server's id last: a kill in between leaves a home that the next start completes.
 * Must not know who listens.
 */
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { VigoError } from "../../../core/errors.ts";
import { ifThere, whyUnreadable } from "../../../core/publish/errno.ts";
import { factorKey, sealFormerFactors, withSealedFactors } from "../auth/sealed-factors.ts";
import type { Settings } from "../config/read.ts";
import { ToldTraits } from "../envoys/told-traits.ts";
import type { Home } from "../home.ts";
import { hashPassword } from "../password.ts";
import { newSecret } from "../secret.ts";
import { localUser } from "../users/user.ts";
import { openStore } from "../store/database.ts";
import { runsInMemory } from "../store/memory-runs.ts";
import type { Store } from "../store/store.ts";
import { type Authority, makeAuthority, openAuthority } from "../trust/authority.ts";
import { type BundleKey, makeBundleKey, openBundleKey } from "../trust/bundle-key.ts";
import { type ServerCertificate, serverCertificate } from "../trust/server-certificate.ts";
import { readIfThere, writeAtomically, writeNew } from "../write-file.ts";
import { exampleConfig, exampleStacks } from "./example.ts";

export interface Prepared {
  readonly serverId: string;
  readonly store: Store;
  /** The traits of that store: what waits in them is written with what check-ins tell. */
  readonly told: ToldTraits;
  readonly authority: Authority;
  readonly certificate: ServerCertificate;
  readonly bundleKey: BundleKey;
  /** Of the first admin, when this start made it; it is in `initial-admin-password` too. */
  readonly password: string | undefined;
  /** The database was made now, and the CA was there before: one of them is not where it was. */
  readonly isStray: boolean;
}

/** Folders, `server.yaml` and the example: what is there before settings can be read. */
export async function prepareFolders(home: Home): Promise<void> {
  await mustBeFolder(home.folder);
  if ((await readIfThere(home.restoring)) !== undefined)
    throw new VigoError("conflict", `a restore of ${home.folder} was interrupted`, {
      hint: `do it again: vigo server restore FOLDER --home ${home.folder}`,
    });
  await mkdir(home.folder, { recursive: true, mode: 0o750 });
  for (const folder of [home.tls, dirname(home.database), home.run, home.secrets, home.downloads])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readIfThere(home.config)) === undefined) await writeNew(home.config, exampleConfig);
  await makeStacks(home);
}

async function mustBeFolder(folder: string): Promise<void> {
  try {
    if ((await ifThere(stat(folder)))?.isDirectory() !== false) return;
  } catch (error) {
    const why = whyUnreadable(error);
    if (why === undefined) throw error;
    throw new VigoError("invalid", `${folder} cannot be a home: ${why}`, { cause: error });
  }
  throw new VigoError("invalid", `${folder} cannot be a home: it is no folder`, {
    hint: "--home names the folder of the server",
  });
}

/** The caller closes the store. */
export async function prepare(home: Home, settings: Settings, now: Date): Promise<Prepared> {
  await mkdir(dirname(settings.databaseFile), { recursive: true, mode: 0o700 });
  const written = await openRuns(settings);
  const told = new ToldTraits(written.traits);
  const store: Store = { ...written, traits: told };
  try {
    const key = await factorKey(home.factorKey);
    await sealFormerFactors(store, key);
    const serverId = await store.meta.get("server_id");
    // Once there is an id, envoys may trust these keys: then a missing one is an accident, not a first start.
    const isStray = serverId === undefined && (await readIfThere(settings.tls.ca)) !== undefined;
    if (serverId === undefined) {
      await makeAuthority(settings.tls, now);
      await makeBundleKey(home.bundleKey);
    }
    const authority = await openAuthority(settings.tls);
    const bundleKey = await openBundleKey(home.bundleKey);
    const certificate = await serverCertificate(settings, authority, now);
    await makeLocalToken(home);
    const password = await makeAdmin(home, store, now);
    const id = serverId ?? (await makeServerId(store));
    const sealed = withSealedFactors(store, key);
    const keys = { authority, certificate, bundleKey };
    return { serverId: id, store: sealed, told, ...keys, password, isStray };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openRuns({ databaseFile, database }: Settings): Promise<Store> {
  const store = await openStore(databaseFile);
  return database.run_store === "memory" ? runsInMemory(store, database.run_store_capacity) : store;
}

async function makeStacks({ stacks }: Home): Promise<void> {
  if ((await ifThere(stat(stacks))) !== undefined) return;
  const draft = `${stacks}.new`;
  await rm(draft, { recursive: true, force: true });
  for (const [path, text] of Object.entries(exampleStacks)) {
    await mkdir(dirname(join(draft, path)), { recursive: true, mode: 0o755 });
    await writeAtomically(join(draft, path), text, 0o644);
  }
  await rename(draft, stacks);
}

async function makeLocalToken({ localToken }: Home): Promise<void> {
  if ((await readIfThere(localToken)) === undefined)
    await writeAtomically(localToken, `${newSecret()}\n`);
}

/** The file comes first: an admin whose password nobody knows would be of no use. */
async function makeAdmin(home: Home, store: Store, now: Date): Promise<string | undefined> {
  if ((await store.users.find("admin")) !== undefined) return undefined;
  const password = newSecret();
  await writeAtomically(home.initialPassword, `${password}\n`);
  const at = now.getTime();
  await store.users.insert(localUser("admin", "admin", await hashPassword(password), at), {
    at,
    actor: "server",
    action: "user.create",
    subject: "admin",
    detail: { role: "admin" },
  });
  return password;
}

async function makeServerId(store: Store): Promise<string> {
  const id = randomUUID();
  await store.meta.set("server_id", id);
  return id;
}
