/**
 * The `backup` type: dated copies of a folder, of which each looks whole and takes only what has changed. Must not know what is in it:
 * a command before it can bring a database to rest. What time brings is no drift.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, list, parameters, path, shell, text, whole } from "../params.ts";
import { Blocked, defineResource, differing } from "../resource.ts";
import { mustSucceed } from "../tools/exit.ts";
import { placeFollows } from "../tools/place.ts";
import {
  copyTo,
  nameAt,
  removeSnapshot,
  removeUnfinished,
  type Snapshot,
  snapshotsIn,
} from "../tools/snapshot-folder.ts";

const params = () =>
  parameters({
    source_dir: path("The folder to copy; other file systems in it are left out."),
    target_path: path(
      "Folder of the copies, one each in a folder named by its time; made for root alone.",
    ),
    schedule: choice("How old the newest copy may become.", ["hourly", "daily", "weekly"]).default(
      "daily",
    ),
    retain_days: whole("Days that a copy is kept; the newest one stays in any case.", {
      min: 1,
      max: 36_500,
    }).default(30),
    exclude: list(
      "What is left out, as rsync(1) has patterns: `*.tmp`, `/cache/`.",
      text("A pattern.", { pattern: /^[^\r\n\0]{1,400}$/, wanted: "one line" }),
    ).default([]),
    min_free_space: text("No copy begins with less space free than this, like `10g`.", {
      pattern: /^\d{1,9}[kmgt]$/,
      wanted: "like 500m or 10g",
    }).exactOptional(),
    pre_command: shell(
      "Shell command before a copy; nothing is copied when it fails.",
    ).exactOptional(),
    post_command: shell(
      "Shell command afterwards, also when copying has failed; again with each run until it works.",
    ).exactOptional(),
    state: choice("Absent removes all copies.", ["present", "absent"]).default("present"),
  }).refine((p) => !`${p.target_path}/`.startsWith(`${p.source_dir.replace(/\/+$/, "")}/`), {
    path: ["target_path"],
    message: "must not be inside of source_dir: each copy would hold the ones before",
  });

type Params = z.output<ReturnType<typeof params>>;

const hour = 3_600_000;
const periods = { hourly: hour, daily: 24 * hour, weekly: 7 * 24 * hour } as const;
const namesShown = 5;

export const backup = defineResource<Params>({
  name: "backup",
  summary: "Keeps dated copies of a folder, each of which takes only what has changed.",
  platforms: ["linux"],
  params,
  main: "target_path",
  lane: "backup",
  claims: (p) => [{ id: `file:${p.target_path}` }],
  after: (p) => [
    ...placeFollows(p.target_path),
    ...placeFollows(`${p.source_dir}/x`),
    "package:rsync",
  ],

  async check(p, host) {
    const all = await snapshotsIn(host, p.target_path);
    if (p.state === "absent") return differing("copies", named(all), undefined);
    const newest = all.at(-1);
    const due = isDue(p, host, newest);
    // Once there is a new copy, the one before it may go.
    const gone = expired(p, host, due ? all : all.slice(0, -1));
    return [
      ...(due ? differing("newest", newest?.name, "a new copy", "upstream") : []),
      ...(due ? [] : await owed(p, host)),
      ...differing("older than kept", named(gone), undefined, "upstream"),
    ];
  },

  async apply(p, host, changes) {
    if (p.state === "absent") return await removeAll(p, host);
    const fields = new Set(changes.map(({ field }) => field));
    if (fields.has("newest")) await copy(p, host);
    else if (fields.has("post_command")) await afterwards(p, host);
    const others = (await snapshotsIn(host, p.target_path)).slice(0, -1);
    for (const { name } of expired(p, host, others))
      await removeSnapshot(host, p.target_path, name);
  },

  examples: [
    {
      title: "Every day, for two weeks",
      params: { source_dir: "/srv/www", target_path: "/var/backups/www", retain_days: 14 },
    },
    {
      title: "A database, brought to rest before",
      params: {
        source_dir: "/var/lib/app",
        target_path: "/backup/app",
        schedule: "hourly",
        pre_command: "systemctl stop app",
        post_command: "systemctl start app",
        min_free_space: "10g",
      },
    },
  ],
});

/** A copy from the future is one of a clock that was wrong. */
function isDue(p: Params, host: ReadHost, newest: Snapshot | undefined): boolean {
  if (newest === undefined) return true;
  const age = host.now().getTime() - newest.at.getTime();
  return Math.abs(age) >= periods[p.schedule];
}

function expired(p: Params, host: ReadHost, all: readonly Snapshot[]): readonly Snapshot[] {
  const oldest = host.now().getTime() - p.retain_days * 24 * hour;
  return all.filter(({ at }) => at.getTime() < oldest);
}

function named(all: readonly Snapshot[]): string | undefined {
  if (all.length === 0) return undefined;
  const names = all.slice(0, namesShown).map(({ name }) => name);
  const more = all.length - names.length;
  return more === 0 ? names.join(", ") : `${names.join(", ")} and ${more} more`;
}

async function copy(p: Params, host: Host): Promise<void> {
  const source = await host.stat(p.source_dir, { follow: true });
  if (source?.kind !== "directory")
    throw new VigoError("failed", `${p.source_dir} is no folder, so there is nothing to copy`, {
      hint: "correct source_dir, or depend on what makes it",
    });
  if ((await host.stat(p.target_path)) === undefined)
    await host.mkdir(p.target_path, { mode: 0o700 });
  await mustHaveRoom(p, host);
  const former = (await snapshotsIn(host, p.target_path)).at(-1);
  const { source_dir, target_path: folder, exclude } = p;
  await before(p, host);
  try {
    await copyTo(host, { source: source_dir, folder, exclude, former }, nameAt(host.now()));
  } finally {
    await afterwards(p, host);
  }
}

const noteOf = (p: Params) => `backup:${p.target_path}`;

/** What was brought to rest is not left so by a run that is killed: that it is to be woken is noted first. */
async function before(p: Params, host: Host): Promise<void> {
  if (p.post_command !== undefined) await host.note?.(noteOf(p), "begun");
  if (p.pre_command === undefined) return;
  const { pre_command: shell } = p;
  try {
    await mustSucceed(shell, host.run({ argv: { shell } }));
  } catch (error) {
    await host.note?.(noteOf(p), undefined);
    throw error;
  }
}

async function afterwards(p: Params, host: Host): Promise<void> {
  const { post_command: shell } = p;
  if (shell !== undefined) await mustSucceed(shell, host.run({ argv: { shell } }));
  await host.note?.(noteOf(p), undefined);
}

/** By a run that was killed, or whose command failed. */
async function owed(p: Params, host: ReadHost) {
  const isNoted = (await host.noted?.(noteOf(p))) !== undefined;
  if (!isNoted || p.post_command === undefined) return [];
  return differing("post_command", "not done after the newest copy", "done", "upstream");
}

const units: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };

async function mustHaveRoom(p: Params, host: ReadHost): Promise<void> {
  const [, number = "", unit = ""] = /^(\d+)([kmgt])$/.exec(p.min_free_space ?? "") ?? [];
  const free = number === "" ? undefined : await host.statfs(p.target_path);
  if (free !== undefined && free.availableBytes < Number(number) * 1024 ** (units[unit] ?? 0))
    throw new Blocked(`${p.target_path} has less than ${p.min_free_space} free`);
}

async function removeAll(p: Params, host: Host): Promise<void> {
  for (const { name } of await snapshotsIn(host, p.target_path))
    await removeSnapshot(host, p.target_path, name);
  await removeUnfinished(host, p.target_path);
  await host.note?.(noteOf(p), undefined);
  if ((await host.list(p.target_path))?.length === 0) await host.remove(p.target_path);
}
