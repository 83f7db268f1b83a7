/**
 * The real machine: `Host` put together from the modules of this folder. Made once a run. Must not know any resource.
 */
import fs from "node:fs";
import { networkInterfaces } from "node:os";
import type {
  AgentFacts,
  FileSystemUse,
  Host,
  InterfaceAddress,
  Os,
  ReadHost,
  Stat,
} from "../../../core/host.ts";
import { parseGroup, parseUser } from "../../../core/text/account-lines.ts";
import { lookup } from "./accounts.ts";
import * as act from "./act.ts";
import { contextOf, hasSelinux, setContext } from "./context.ts";
import { atWorkIn } from "./at-work.ts";
import { unlessAbsent } from "./failure.ts";
import { fetchBody, type FetchLimits } from "./fetch.ts";
import { heldNames } from "./hold.ts";
import * as look from "./look.ts";
import { notesIn } from "./notes.ts";
import { thisOs } from "./os.ts";
import { keep as keepSnapshot } from "./snapshots.ts";
import { refused } from "./refused.ts";
import { runCommand, searched } from "./process.ts";
import { Walker } from "./walk.ts";
import { replaceFile } from "./write.ts";

export interface MachineOptions {
  /** Folder for former contents of managed files; none are kept when left out. */
  readonly snapshots?: string;
  /** Folder for notes of commands under way; none are kept when left out. */
  readonly atWork?: string;
  /** Folder for what runs note for later ones; nothing is noted when left out. */
  readonly notes?: string;
  /** The clock (d: the machine's). */
  readonly now?: () => Date;
  /** What this run claims (`Host.owned`); nothing when left out. */
  readonly owned?: ReadHost["owned"];
  readonly os?: Os;
  readonly agent?: AgentFacts;
  readonly fetch?: FetchLimits;
  /** Once aborted, commands under way are stopped, and no other begins. */
  readonly kill?: AbortSignal;
}

export function machine(options: MachineOptions = {}): Host {
  const walker = new Walker();
  const { act: run, ...questions } = asking(walker, options);
  const { query } = questions;
  /** Whatever acts may have changed what is known of folders. */
  const acting =
    <A extends readonly unknown[], R>(work: (...given: A) => R) =>
    async (...given: A): Promise<Awaited<R>> => {
      try {
        return await work(...given);
      } finally {
        walker.forget();
      }
    };
  return {
    ...questions,
    ...(options.notes !== undefined && notesIn(options.notes)),
    write: async (path, content, settings = {}) => {
      const spot = act.spotFor(walker, "write", path, true);
      try {
        const { snapshots } = options;
        await replaceFile(spot, content, settings, { snapshots, now: questions.now, run: query });
      } finally {
        spot.close();
      }
    },
    mkdir: async (path, settings = {}) => act.mkdir(walker, path, settings),
    remove: acting((path, { recursive = false, snapshot = true } = {}) => {
      const { snapshots } = options;
      const keep = (fd: number, found: fs.Stats) => {
        if (snapshots !== undefined) keepSnapshot(snapshots, path, fd, found, questions.now());
      };
      act.remove(walker, path, recursive, snapshot ? keep : undefined);
    }),
    symlink: acting((path, target) => act.symlink(walker, path, target)),
    link: acting((path, existing) => act.link(walker, path, existing)),
    rename: acting((from, to) => act.rename(walker, from, to)),
    chmod: acting((path, mode) => act.chmod(walker, path, mode)),
    chown: acting((path, uid, gid, { link = false } = {}) =>
      act.chown(walker, path, uid, gid, link),
    ),
    setContext: acting((path, context) =>
      heldNames(walker, [path], true, ([name = ""]) => setContext(query, path, name, context)),
    ),
    held: (paths, work) => heldNames(walker, paths, false, work),
    run: acting(run),
    fetch: (url, settings = {}) => fetchBody(url, settings, options.fetch),
  };
}

/** The questions, and the command that acts. */
function asking(walker: Walker, options: MachineOptions): ReadHost & { act: Host["run"] } {
  const file = (path: string) => ({
    stat: () => fs.statSync(path, { throwIfNoEntry: false }),
    read: () => {
      const bytes = look.read(walker, path);
      return bytes && new TextDecoder().decode(bytes);
    },
  });
  const user = lookup(file("/etc/passwd"), parseUser, ({ uid }) => uid);
  const group = lookup(file("/etc/group"), parseGroup, ({ gid }) => gid);
  const { kill } = options;
  const query: ReadHost["query"] = (command) => runCommand(command, user, { kill });
  const atWork = options.atWork === undefined ? undefined : atWorkIn(options.atWork);
  const act: Host["run"] = (command) =>
    runCommand(command, user, { kill, ...(atWork && { atWork }) });
  const now = options.now ?? (() => new Date());
  return {
    os: options.os ?? thisOs(),
    stat: async (path, { follow = false, context = false } = {}) => {
      const found = look.stat(walker, path, follow);
      return context && found !== undefined && hasSelinux()
        ? await withContext(query, path, found)
        : found;
    },
    stamp: (path) => look.stamp(walker, path),
    read: async (path, { limit } = {}) => look.read(walker, path, limit),
    digest: (path) => look.digest(walker, path),
    list: async (path) => look.list(walker, path),
    ...(options.agent && { agent: options.agent }),
    statfs: async (path) => fileSystem(path),
    addresses: async () => addresses(),
    user: async (name) => user(name),
    group: async (name) => group(name),
    owned: options.owned ?? (() => false),
    query,
    act,
    now,
    foresight: { refused, programs: searched },
  };
}

async function withContext(query: ReadHost["query"], path: string, found: Stat): Promise<Stat> {
  const context = await contextOf(query, path);
  return context === undefined ? found : { ...found, context };
}

function fileSystem(path: string): FileSystemUse | undefined {
  return unlessAbsent("look at the file system of", path, () => {
    const { bsize, blocks, bfree, bavail, files, ffree } = fs.statfsSync(path);
    return {
      bytes: blocks * bsize,
      freeBytes: bfree * bsize,
      availableBytes: bavail * bsize,
      inodes: files,
      freeInodes: ffree,
    };
  });
}

const addresses = (): readonly InterfaceAddress[] =>
  Object.entries(networkInterfaces()).flatMap(([name, found = []]) =>
    found.map(({ family, address, cidr }) => ({
      interface: name,
      family: family === "IPv6" ? "ipv6" : "ipv4",
      address,
      prefix: Number(cidr?.split("/")[1] ?? 0),
    })),
  );
