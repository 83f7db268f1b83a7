/**
 * What is needed to undo resources, in a file of its own beside the agent's state: it is read seldom and written seldom, and must
 * outlive a damaged database, because the first value found is found once. Must not know what a value means.
 */
import * as files from "node:fs/promises";
import type { Reversals } from "../../core/converge/reversals.ts";
import { VigoError } from "../../core/errors.ts";
import { Line } from "../../core/line.ts";
import type { Kept } from "../../core/revert.ts";
import { writeAtomically } from "../../core/write-file.ts";

/** The oldest go first: a policy has a handful of them. */
const most = 2_000;

export function reversalsIn(home: string): Reversals {
  const path = `${home}/reversals.json`;
  let known: Promise<ReadonlyMap<string, Kept>> | undefined;
  const all = () => (known ??= read(path));
  const changes = new Line();
  const change = async (key: string, kept: Kept | undefined) => {
    const next = new Map(await all());
    next.delete(key);
    if (kept !== undefined) next.set(key, kept);
    const newest = new Map([...next].slice(-most));
    await writeAtomically(files, path, `${JSON.stringify(Object.fromEntries(newest))}\n`);
    known = Promise.resolve(newest);
  };
  return {
    of: async (key) => (await all()).get(key),
    keep: (key, kept) => changes.add(() => change(key, kept)),
  };
}

async function read(path: string): Promise<ReadonlyMap<string, Kept>> {
  let text: string;
  try {
    text = await files.readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
  try {
    const kept = Object.entries(JSON.parse(text) as object);
    if (kept.every(([, each]) => isKept(each))) return new Map(kept);
    throw damaged(path, undefined);
  } catch (error) {
    throw error instanceof SyntaxError ? damaged(path, error) : error;
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const { former, settled } = value as Readonly<Record<string, unknown>>;
  return typeof former !== "string" && (settled === undefined || typeof settled === "string");
}

const damaged = (path: string, cause: unknown) =>
  new VigoError("failed", `${path} is damaged`, {
    hint: "it holds what `revert: true` would put back; move it away to go on without",
    cause,
  });
