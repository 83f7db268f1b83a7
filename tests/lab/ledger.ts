/**
 * What a lab has made on this machine, written down before it is made, so that it can be taken away whatever happens: at the end,
 * when the process is told to stop, or by the next lab when the process was killed. Must not know what hosts are for.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isAlive, killed, outside, type ProcessId, processId } from "./outside.ts";

const room = "/run/vigo-lab";

interface Entries {
  readonly owner: ProcessId;
  readonly processes: ProcessId[];
  readonly mounts: string[];
  readonly networks: string[];
  readonly cgroups: string[];
  readonly folders: string[];
}

type Kind = Exclude<keyof Entries, "owner" | "processes">;

export class Ledger {
  readonly #path: string;
  readonly #entries: Entries;

  constructor(readonly id: string) {
    const owner = processId(process.pid);
    if (owner === undefined) throw new Error("/proc does not show this process");
    mkdirSync(room, { recursive: true, mode: 0o700 });
    this.#path = join(room, `${id}.json`);
    this.#entries = { owner, processes: [], mounts: [], networks: [], cgroups: [], folders: [] };
    this.#write();
    open.add(this);
  }

  add(kind: Kind, ...things: readonly string[]): void {
    this.#entries[kind].push(...things);
    this.#write();
  }

  addProcess(pid: number): ProcessId {
    const id = processId(pid);
    if (id === undefined) throw new Error(`process ${pid} ended at once`);
    this.#entries.processes.push(id);
    this.#write();
    return id;
  }

  /** Takes everything away. May be called again when something was still in use. */
  clear(): void {
    clear(this.#entries);
    rmSync(this.#path, { force: true });
    open.delete(this);
  }

  #write(): void {
    const fresh = `${this.#path}.new`;
    writeFileSync(fresh, JSON.stringify(this.#entries), { mode: 0o600 });
    renameSync(fresh, this.#path);
  }
}

/** Of labs whose process is gone. */
export function clearLeftovers(): void {
  if (!existsSync(room)) return;
  for (const name of readdirSync(room).filter((file) => file.endsWith(".json"))) {
    const path = join(room, name);
    const entries = entriesIn(path);
    if (entries === undefined || isAlive(entries.owner)) continue;
    clear(entries);
    rmSync(path, { force: true });
  }
}

/** Undefined where it is gone by now: its lab has ended. */
function entriesIn(path: string): Entries | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Entries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Everything is tried; what could not be taken away is said at the end. */
function clear({ processes, mounts, networks, cgroups, folders }: Entries): void {
  for (const id of processes) killed(id);
  const steps = [
    ...mounts.toReversed().map((path) => () => unmounted(path)),
    ...networks.map((name) => () => {
      if (existsSync(`/run/netns/${name}`)) outside("ip", "netns", "del", name);
    }),
    ...cgroups.map((path) => () => untilGone(path, () => removeTree(path))),
    ...folders.map((path) => () => rmSync(path, { recursive: true, force: true })),
  ];
  const errors = steps.flatMap((step) => {
    try {
      step();
      return [];
    } catch (error) {
      return [error];
    }
  });
  if (errors.length > 0) throw new AggregateError(errors, "the lab could not be cleared away");
}

/** Lazily, if a process that was killed just now still holds it. */
function unmounted(path: string): void {
  const isMounted = readFileSync("/proc/self/mountinfo", "utf8").includes(` ${path} `);
  if (isMounted) outside("umount", "-l", path);
}

/** Only folders are there to be removed: the files of a cgroup are the kernel's, and go with it. */
function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  rmdirSync(path);
}

/** A cgroup is busy until the last process that was killed in it has gone. */
function untilGone(path: string, remove: () => void): void {
  for (const deadline = Date.now() + 5_000; existsSync(path); Bun.sleepSync(10)) {
    try {
      remove();
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!["EBUSY", "ENOENT", "ENOTEMPTY"].includes(code) || Date.now() > deadline) throw error;
    }
  }
}

const open = new Set<Ledger>();
const clearAll = () => {
  for (const ledger of open) ledger.clear();
};
process.on("exit", clearAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    clearAll();
    process.exit(1);
  });
