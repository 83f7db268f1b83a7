/** Which database a server keeps everything in: decided here and nowhere else. Must not know what is kept, nor who asks. */
import { examineDatabase } from "./sqlite/copy.ts";
import { migrations } from "./sqlite/migrations.ts";
import { openStore as openSqlite } from "./sqlite/open.ts";
import type { Store } from "./store.ts";

/** Made, or brought up to date, where it is not. The folder must be there. Rejects as every method of a `Store` does. */
export const openStore = (file: string): Promise<Store> => openSqlite(file);

/** What keeps a copy of `Store.copyTo` from being opened by this vigo, one line each; nothing when it is sound. Changes nothing. */
export async function examineCopy(file: string): Promise<readonly string[]> {
  const { problems, step } = await examineDatabase(file);
  if (problems.length > 0) return problems;
  const newest = migrations.at(-1)?.id ?? 0;
  return step <= newest
    ? []
    : [`has the tables of a newer vigo (step ${step}; this one knows ${newest})`];
}
