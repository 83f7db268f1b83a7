/**
 * A Debian with a kernel of its own, in a virtual machine (docs/design/facts.md): for what belongs to the kernel and is therefore not
 * the lab's. Everything it writes is forgotten when it ends. Must not know Vigo, except that its executable is there.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearLeftovers, Ledger } from "../lab/ledger.ts";
import { cleanEnv, Machine, type RunOptions, type Told } from "../lab/machine.ts";
import { eventually, outside } from "../lab/outside.ts";
import { blankDisks, frozenMachine } from "./base.ts";
import { GuestAgent } from "./guest-agent.ts";
import { accelerator, Qemu } from "./qemu.ts";

/** Why no virtual machine can be had here; undefined where one can. */
export function noVm(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the VM needs Linux on x86-64";
  return process.getuid?.() === 0 ? undefined : "the VM needs root, to make its disk";
}

/** Why what boots or takes minutes is left to `scripts/test.sh --all`; undefined where the processor helps QEMU. */
export function tooSlow(): string | undefined {
  if (process.env["VIGO_TEST_ALL"] === "1" || accelerator() === "kvm") return noVm();
  return "without KVM this takes minutes: scripts/test.sh --all";
}

export class Vm extends Machine {
  readonly name = "vm";
  readonly kind = "Debian 12 VM";
  readonly #ledger: Ledger;
  readonly #qemu: Qemu;
  readonly #agent: GuestAgent;

  private constructor(ledger: Ledger, qemu: Qemu) {
    super();
    this.#ledger = ledger;
    this.#qemu = qemu;
    this.#agent = new GuestAgent(qemu.agentSocket);
  }

  /** With the executable as `/opt/vigo/vigo`. */
  static async start(vigo: string): Promise<Vm> {
    clearLeftovers();
    const { disk, memory } = await frozenMachine();
    const ledger = new Ledger(randomBytes(3).toString("hex"));
    try {
      const folder = mkdtempSync(join(tmpdir(), `vigo-vm-${process.pid}-`));
      ledger.add("folders", folder);
      const [program = "", ...spare] = blankDisks(folder);
      writeProgram(folder, program, vigo);
      const disks = [
        { file: disk, forgetful: true },
        ...[program, ...spare].map((file) => ({ file, forgetful: false })),
      ];
      const qemu = await Qemu.start({ folder, disks, frozen: memory }, ledger);
      const vm = new Vm(ledger, qemu);
      await vm.#agent.ready(60_000);
      await vm.#wake();
      return vm;
    } catch (error) {
      ledger.clear();
      throw error;
    }
  }

  /** It has slept since it was made: its clock is late, and another disk is where the executable comes from. */
  async #wake(): Promise<void> {
    await this.#agent.ask("guest-set-time", { time: Date.now() * 1_000_000 });
    await this.sh("blockdev --flushbufs /dev/vdb; mount -o ro /dev/vdb /opt/vigo");
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<Told> {
    const { user, env = {}, stdin, timeoutMs = 120_000 } = options;
    const variables = Object.entries({ ...cleanEnv, HOME: "/root", ...env });
    return this.#agent.run({
      argv: [
        ...["/usr/bin/env", "-i", ...variables.map(([key, value]) => `${key}=${value}`)],
        ...(user === undefined ? [] : ["runuser", "-u", user, "--"]),
        ...argv,
      ],
      ...(stdin !== undefined && { stdin }),
      timeoutMs,
    });
  }

  /** As an orderly machine does it, through its boot loader; `asked` has it done another way. */
  async reboot(
    asked: () => Promise<unknown> = () =>
      this.ok(["systemd-run", "-q", "--on-active=1", "systemctl", "reboot"]),
  ): Promise<void> {
    const bootId = () => this.ok(["cat", "/proc/sys/kernel/random/boot_id"]);
    const before = await bootId();
    await asked();
    await eventually(
      "the machine has booted again",
      300_000,
      async () => {
        await this.#agent.ready(10_000);
        return (await bootId()) === before ? undefined : true;
      },
      1_000,
    ).catch((cause: unknown) => {
      throw new Error(`it does not boot:\n${this.#qemu.console.slice(-4_000)}`, { cause });
    });
    await this.#settled();
    await this.sh("mount -o ro /dev/vdb /opt/vigo");
  }

  /** All that a boot starts is done. SELinux's first boot labels every file, without KVM for many minutes, and boots again. */
  async #settled(): Promise<void> {
    await eventually(
      "the machine has started everything",
      1_500_000,
      async () => {
        await this.#agent.ready(10_000);
        const { stdout } = await this.run(["systemctl", "is-system-running"]);
        return /^(?:running|degraded)$/.test(stdout.trim()) ? true : undefined;
      },
      2_000,
    );
  }

  end(): void {
    this.#agent.close();
    this.#ledger.clear();
  }
}

/** A disk with one file on it. */
function writeProgram(folder: string, disk: string, vigo: string): void {
  const content = join(folder, "program");
  mkdirSync(content);
  copyFileSync(vigo, join(content, "vigo"));
  chmodSync(join(content, "vigo"), 0o755);
  outside("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-d", content, disk);
  rmSync(content, { recursive: true });
}
