/**
 * One host: a Debian with its own systemd, users, packages and network, that can be run things in, unplugged, killed and started
 * again. Commands go through the host's own systemd, never through this machine's. Must not know which hosts there are.
 */
import { mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "./ledger.ts";
import { cleanEnv, Machine, type RunOptions, takesLong, type Told } from "./machine.ts";
import {
  childrenOf,
  eventually,
  isAlive,
  isInside,
  killed,
  outside,
  type ProcessId,
} from "./outside.ts";

/** What the lab has prepared for one host before its first start. */
export interface Place {
  readonly name: string;
  readonly address: string;
  readonly root: string;
  readonly network: string;
  /** Where the other end of its cable is. */
  readonly port: { readonly network: string; readonly name: string };
  /** Folders whose `cgroup.procs` it is started in. */
  readonly cgroups: readonly string[];
  readonly consoleLog: string;
  /** Options of nspawn. */
  readonly allowed: readonly string[];
}

/** A systemd that was frozen for a while hangs up on who had only begun to greet it: nothing was started. */
const hungUp = /^Failed to start transient service unit: Transport endpoint is not connected\s*$/;
const mostAttempts = 3;

export class LabHost extends Machine {
  readonly kind = "Debian 12 host (lab)";
  readonly name: string;
  readonly address: string;
  readonly #place: Place;
  readonly #ledger: Ledger;
  #nspawn: ProcessId | undefined;
  #init: ProcessId | undefined;

  constructor(place: Place, ledger: Ledger) {
    super();
    this.name = place.name;
    this.address = place.address;
    this.#place = place;
    this.#ledger = ledger;
  }

  /** Before its start: units that must not start by themselves. */
  disable(units: readonly string[]): void {
    outside("systemctl", `--root=${this.#place.root}`, "disable", ...units);
  }

  /** Power on; resolves when its systemd says that it is running. */
  async boot(): Promise<void> {
    const { root, network, cgroups, consoleLog, name, allowed } = this.#place;
    // nspawn puts the host below the cgroup it is started in: without one of its own, two hosts would share their units' groups.
    const enter =
      'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"';
    const log = openSync(consoleLog, "a", 0o600);
    const { pid } = Bun.spawn(
      [
        ...["sh", "-c", enter, "sh", ...cgroups, "--"],
        ...["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--boot"],
        ...["--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe"],
        ...[`--network-namespace-path=/run/netns/${network}`, `--hostname=${name}`],
        ...[...allowed, "-M", name, "-D", root],
      ],
      {
        env: { ...cleanEnv, SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network" },
        stdin: "ignore",
        stdout: log,
        stderr: log,
      },
    );
    closeSync(log);
    this.#nspawn = this.#ledger.addProcess(pid);
    await eventually(`${name} starts`, 30_000, () => this.#ready(pid), 20).catch(
      (cause: unknown) => {
        throw new Error(
          `${name} does not start:\n${readFileSync(consoleLog, "utf8").slice(-4_000)}`,
          {
            cause,
          },
        );
      },
    );
  }

  /** What nspawn runs first is not yet the host: only a process with namespaces of its own is entered. */
  async #ready(nspawn: number): Promise<true | undefined> {
    const pid = childrenOf(nspawn).find(isInside);
    if (pid === undefined) {
      if (this.#nspawn && !isAlive(this.#nspawn)) throw new Error("nspawn has ended");
      return undefined;
    }
    if (this.#init?.pid !== pid) this.#init = this.#ledger.addProcess(pid);
    const { stdout } = await this.#enter(["systemctl", "is-system-running"], {});
    if (stdout.trim() !== "running") {
      if (stdout.trim() === "degraded")
        throw new Error((await this.#enter(["systemctl", "--failed"], {})).stdout);
      return undefined;
    }
    return true;
  }

  /** Runs a command as a unit of the host. Any exit code is an answer. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<Told> {
    const { user, env: extra = {} } = options;
    const unit = [
      ...["systemd-run", "-q", "--wait", "--pipe", "--collect"],
      ...(user === undefined ? ["-EHOME=/root"] : [`--uid=${user}`]),
      ...Object.entries({ ...cleanEnv, ...extra }).map(([key, value]) => `-E${key}=${value}`),
      "--",
      // systemd replaces variables in what it starts, as in a unit's ExecStart.
      ...argv.map((word) => word.replaceAll("$", "$$$$")),
    ];
    for (let attempt = 1; ; attempt++) {
      const told = await this.#enter(unit, options);
      if (told.code !== 1 || !hungUp.test(told.stderr) || attempt === mostAttempts) return told;
    }
  }

  async #enter(
    argv: readonly string[],
    { stdin, timeoutMs = takesLong ? 600_000 : 60_000 }: RunOptions,
  ): Promise<Told> {
    const init = this.#init;
    if (init === undefined || !isAlive(init) || !isInside(init.pid))
      throw new Error(`${this.name} is not running`);
    const child = Bun.spawn(["nsenter", "-t", String(init.pid), "-a", "--", ...argv], {
      env: { ...cleanEnv, SYSTEMD_BUS_TIMEOUT: "3600" },
      stdin: typeof stdin === "string" ? new TextEncoder().encode(stdin) : (stdin ?? "ignore"),
      stdout: "pipe",
      stderr: "pipe",
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    clearTimeout(timer);
    if (child.signalCode === "SIGKILL")
      throw new Error(
        `${this.name}: ${argv.join(" ")}: not within ${timeoutMs} ms, or killed\n${stderr}`,
      );
    return { code, stdout, stderr };
  }

  /** Pulls the network cable. */
  cut(): void {
    const { network, name } = this.#place.port;
    outside("ip", "-n", network, "link", "set", name, "down");
  }

  /** Plugs it in again. */
  mend(): void {
    const { network, name } = this.#place.port;
    outside("ip", "-n", network, "link", "set", name, "up");
  }

  /** Power loss: everything in it stops at once. `boot` starts it again with what had reached its disk. */
  async kill(): Promise<void> {
    for (const id of [this.#nspawn, this.#init]) if (id !== undefined) killed(id);
    await this.#gone();
  }

  /** As an orderly machine does it. */
  async reboot(): Promise<void> {
    const nspawn = this.#nspawn;
    await this.#enter(["systemctl", "reboot"], {});
    if (nspawn !== undefined)
      await eventually(`${this.name} stops`, 60_000, () => (isAlive(nspawn) ? undefined : true));
    await this.#gone();
    await this.boot();
  }

  async #gone(): Promise<void> {
    const ids = [this.#nspawn, this.#init].filter((id) => id !== undefined);
    await eventually(
      `${this.name} is off`,
      10_000,
      () => (ids.some(isAlive) ? undefined : true),
      5,
    );
    this.#nspawn = undefined;
    this.#init = undefined;
  }
}

/** Files of a host before it starts: a layer over the system that all of them share. */
export function prepare(upper: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(upper, path, ".."), { recursive: true });
    writeFileSync(join(upper, path), content);
  }
}
