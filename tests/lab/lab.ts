/**
 * Real Debian hosts in seconds, as root on one Linux machine, without virtual machines (docs/design/facts.md). They share one read-only
 * system, each with a layer of its own in memory; their network is a bridge in a namespace of its own, so nothing of this
 * machine can be reached from it, nor it from outside. Must not know Vigo, except that its executable is in every host.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseSystem } from "./base.ts";
import { LabHost, type Place, prepare } from "./host.ts";
import { packageLayer } from "./layer.ts";
import { clearLeftovers, Ledger } from "./ledger.ts";
import { eventually, outside } from "./outside.ts";

/** Of the bridge; the hosts count from .11 on. */
const labAddress = "10.77.0.1";

/** Why no lab can be had here; undefined where it can. */
export function noLab(): string | undefined {
  if (process.platform !== "linux") return "the lab needs Linux";
  return process.getuid?.() === 0 ? undefined : "the lab needs root";
}

export interface LabOptions {
  /** The executable that every host finds as `/opt/vigo/vigo`; none when left out. */
  readonly vigo?: string;
  /** Debian's packages that the hosts have besides the usual ones. */
  readonly packages?: readonly string[];
  /** Units of those packages that do not start by themselves. */
  readonly off?: readonly string[];
  /** What nspawn lets the hosts do besides, as its options: `--capability=CAP_NET_ADMIN`. */
  readonly allowed?: readonly string[];
}

export class Lab {
  readonly #ledger: Ledger;
  readonly #folder: string;
  readonly #switch: string;
  readonly hosts: LabHost[] = [];

  constructor() {
    clearLeftovers();
    const id = randomBytes(3).toString("hex");
    this.#ledger = new Ledger(id);
    this.#folder = mkdtempSync(join(tmpdir(), "vigo-lab-"));
    this.#ledger.add("folders", this.#folder);
    this.#ledger.add("mounts", this.#folder);
    outside("mount", "-t", "tmpfs", "-o", "mode=0700", "vigo-lab", this.#folder);
    this.#switch = this.#network("switch");
    const ip = (...words: readonly string[]) => outside("ip", "-n", this.#switch, ...words);
    ip("link", "add", "lab0", "type", "bridge");
    ip("address", "add", `${labAddress}/24`, "dev", "lab0");
    ip("link", "set", "lab0", "up");
  }

  #network(name: string): string {
    const network = `vigo-lab-${this.#ledger.id}-${name}`;
    this.#ledger.add("networks", network);
    outside("ip", "netns", "add", network);
    outside("ip", "-n", network, "link", "set", "lo", "up");
    return network;
  }

  /** All of them at the same time. Names are host names. */
  async boot(
    names: readonly string[],
    { vigo, packages, off = [], allowed = [] }: LabOptions = {},
  ): Promise<readonly LabHost[]> {
    const system = baseSystem();
    const base = packages === undefined ? system : `${packageLayer(system, packages)}:${system}`;
    const lower = vigo === undefined ? base : `${this.#withVigo(vigo)}:${base}`;
    const addresses = names.map((_, index) => `10.77.0.${11 + this.hosts.length + index}`);
    const known = names.map((name, index) => `${addresses[index]} ${name}\n`).join("");
    const hosts = names.map((name, index) => {
      const place = this.#place(name, addresses[index] ?? "", lower, known);
      return new LabHost({ ...place, allowed }, this.#ledger);
    });
    for (const host of hosts) if (off.length > 0) host.disable(off);
    this.hosts.push(...hosts);
    await Promise.all(hosts.map((host) => host.boot()));
    return hosts;
  }

  #withVigo(executable: string): string {
    const layer = join(this.#folder, "vigo");
    const program = join(layer, "opt/vigo/vigo");
    if (existsSync(program)) return layer;
    mkdirSync(join(program, ".."), { recursive: true });
    copyFileSync(executable, program);
    chmodSync(program, 0o755);
    return layer;
  }

  #place(name: string, address: string, lower: string, known: string): Omit<Place, "allowed"> {
    const root = this.#root(name, lower, {
      "etc/machine-id": `${randomUUID().replaceAll("-", "")}\n`,
      "etc/hostname": `${name}\n`,
      "etc/hosts": `127.0.0.1 localhost\n${labAddress} lab\n${known}`,
    });
    const network = this.#network(name);
    const port = `port-${name}`.slice(0, 15);
    outside(
      "ip",
      "-n",
      network,
      "link",
      "add",
      "host0",
      "type",
      "veth",
      "peer",
      "name",
      port,
      "netns",
      this.#switch,
    );
    outside("ip", "-n", this.#switch, "link", "set", port, "master", "lab0", "up");
    outside("ip", "-n", network, "address", "add", `${address}/24`, "dev", "host0");
    outside("ip", "-n", network, "link", "set", "host0", "up");
    const cgroups = cgroupRoots().map((mount) =>
      join(mount, `vigo-lab-${this.#ledger.id}-${name}`),
    );
    this.#ledger.add("cgroups", ...cgroups);
    for (const path of cgroups) mkdirSync(path);
    const consoleLog = join(this.#folder, `${name}.log`);
    return {
      name,
      address,
      root,
      network,
      port: { network: this.#switch, name: port },
      cgroups,
      consoleLog,
    };
  }

  /** The shared system with a layer of its own over it. */
  #root(name: string, lower: string, files: Readonly<Record<string, string>>): string {
    const [upper, work, root] = ["upper", "work", "root"].map((kind) =>
      join(this.#folder, "hosts", name, kind),
    ) as [string, string, string];
    for (const path of [upper, work, root]) mkdirSync(path, { recursive: true, mode: 0o755 });
    prepare(upper, files);
    this.#ledger.add("mounts", root);
    const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    outside("mount", "-t", "overlay", "-o", layers, `vigo-lab-${name}`, root);
    return root;
  }

  /** A folder of this machine over HTTP, for the hosts only. Gives its address. */
  async serve(folder: string): Promise<string> {
    const script = new URL("serve-folder.ts", import.meta.url).pathname;
    const inNetwork = ["nsenter", `--net=/run/netns/${this.#switch}`, process.execPath, script];
    const { pid, stdout } = Bun.spawn([...inNetwork, folder, labAddress], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#ledger.addProcess(pid);
    const reader = stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    if (value === undefined) throw new Error("the server of the lab's folder ended");
    return new TextDecoder().decode(value).trim();
  }

  /** A folder that goes when the lab goes. */
  folder(name: string): string {
    const path = join(this.#folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  end(): void {
    this.#ledger.clear();
  }
}

/** Where systemd keeps its groups: the unified tree, and its own one beside it on machines that still have that. */
function cgroupRoots(): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" - "))
    .filter(([, of = ""]) => /^cgroup2 /.test(of) || /^cgroup .*\bname=systemd\b/.test(of))
    .map(([before = ""]) => before.split(" ")[4] ?? "")
    .filter((path) => path !== "");
}

/** A lab with so many hosts, called host1, host2, … */
export async function bootHosts(count: number, options: LabOptions = {}): Promise<Lab> {
  const lab = new Lab();
  try {
    await lab.boot(
      Array.from({ length: count }, (_, index) => `host${index + 1}`),
      options,
    );
    return lab;
  } catch (error) {
    lab.end();
    throw error;
  }
}

export { eventually };
