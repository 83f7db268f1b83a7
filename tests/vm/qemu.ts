/**
 * One run of QEMU: a small PC with the disks it is given, two network cards on one cable, and sockets for its monitor and its guest
 * agent. Uses KVM where the processor has it to give, and goes on without. Must not know what is on the disks.
 */
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../lab/ledger.ts";
import { eventually, isAlive, killed, type ProcessId } from "../lab/outside.ts";
import { cleanEnv } from "../lab/machine.ts";
import { type Answer, JsonLines } from "./json-lines.ts";

export interface Hardware {
  /** For sockets, logs and what is written on disks that are not to change. */
  readonly folder: string;
  /** Raw images, in the order of `/dev/vda`, `/dev/vdb`, … */
  readonly disks: readonly Disk[];
  /** Instead of the boot loader on the first disk. */
  readonly kernel?: { readonly image: string; readonly initrd: string; readonly append: string };
  /** A machine that was frozen: it goes on where it was. */
  readonly frozen?: string;
}

export interface Disk {
  readonly file: string;
  /** What is written is forgotten at the end. */
  readonly forgetful: boolean;
}

/** `/dev/kvm` may be there on machines whose processor has no virtualisation to give: only the flag tells. */
export function accelerator(): "kvm" | "tcg" {
  const able = /^flags\s*:.*\b(?:vmx|svm)\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  return able && existsSync("/dev/kvm") ? "kvm" : "tcg";
}

const megabytes = 640;

function words({ folder, disks, kernel, frozen }: Hardware): readonly string[] {
  const kvm = accelerator() === "kvm";
  const card = (id: string) => [
    ...["-netdev", `hubport,id=${id},hubid=0`],
    ...["-device", `virtio-net-pci,netdev=${id},romfile=`],
  ];
  return [
    // GRUB waits for ever on a machine without a screen.
    ...["-nodefaults", "-no-user-config", "-display", "none", "-vga", "std", "-machine", "pc"],
    ...["-accel", kvm ? "kvm" : "tcg,thread=multi,tb-size=256", "-cpu", kvm ? "host" : "max"],
    ...["-m", `${megabytes}`, "-smp", "2", "-serial", `file:${join(folder, "console.log")}`],
    ...disks.flatMap(({ file, forgetful }) => [
      "-drive",
      `file=${file},format=raw,if=virtio,cache=unsafe,discard=unmap,snapshot=${forgetful ? "on" : "off"}`,
    ]),
    ...["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"],
    ...["-chardev", `socket,id=agent,path=${join(folder, "agent.sock")},server=on,wait=off`],
    ...["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"],
    ...["-qmp", `unix:${join(folder, "monitor.sock")},server=on,wait=off`],
    ...card("cable0"),
    ...card("cable1"),
    ...(kernel ? ["-kernel", kernel.image, "-initrd", kernel.initrd] : []),
    ...(kernel ? ["-append", kernel.append] : []),
    ...(frozen === undefined ? [] : ["-incoming", `exec:zstd -dcq ${frozen}`]),
  ];
}

export class Qemu {
  readonly #folder: string;
  readonly #process: ProcessId;
  readonly #monitor: JsonLines;

  private constructor(folder: string, process: ProcessId, monitor: JsonLines) {
    this.#folder = folder;
    this.#process = process;
    this.#monitor = monitor;
  }

  static async start(hardware: Hardware, ledger: Ledger): Promise<Qemu> {
    const { folder, frozen } = hardware;
    const log = openSync(join(folder, "qemu.log"), "a", 0o600);
    const child = Bun.spawn(["qemu-system-x86_64", ...words(hardware)], {
      env: { ...cleanEnv, TMPDIR: folder },
      stdin: "ignore",
      stdout: log,
      stderr: log,
    });
    closeSync(log);
    const id = ledger.addProcess(child.pid);
    const monitor = await eventually("QEMU's monitor answers", 20_000, () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`QEMU ended: ${readFileSync(join(folder, "qemu.log"), "utf8")}`);
      return JsonLines.connect(join(folder, "monitor.sock"));
    });
    const qemu = new Qemu(folder, id, monitor);
    await qemu.order("qmp_capabilities");
    if (frozen !== undefined) await qemu.#thaw();
    return qemu;
  }

  get agentSocket(): string {
    return join(this.#folder, "agent.sock");
  }

  get isRunning(): boolean {
    return isAlive(this.#process);
  }

  /** What the machine printed on its serial line. */
  get console(): string {
    return readFileSync(join(this.#folder, "console.log"), "utf8");
  }

  /** A command of the monitor (QEMU QMP Reference). */
  async order<T>(execute: string, args: object = {}): Promise<T> {
    const isAnswer = (answer: Answer) => "return" in answer || "error" in answer;
    const answer = await this.#monitor.ask({ execute, arguments: args }, isAnswer, 30_000);
    if ("return" in answer) return answer["return"] as T;
    throw new Error(`QEMU: ${execute}: ${JSON.stringify(answer["error"])}`);
  }

  /** Stops the machine and writes down what is in its memory; its disks are then as that believes. */
  async freeze(file: string): Promise<void> {
    await this.order("stop");
    await this.order("migrate-set-parameters", { "max-bandwidth": 4_000_000_000 });
    await this.order("migrate", { uri: `exec:zstd -q -3 -f -o ${file}` });
    await eventually("the machine is frozen", 120_000, async () => {
      const { status } = await this.order<{ readonly status: string }>("query-migrate");
      if (status === "failed") throw new Error("QEMU could not write the machine down");
      return status === "completed" ? true : undefined;
    });
    await this.order("quit");
    await this.gone(20_000);
  }

  async #thaw(): Promise<void> {
    await eventually("the machine is read again", 120_000, async () => {
      const { status } = await this.order<{ readonly status: string }>("query-status");
      return status === "inmigrate" ? undefined : true;
    });
    await this.order("cont");
  }

  /** Until it has ended by itself. */
  async gone(limitMs: number): Promise<void> {
    await eventually("QEMU ends", limitMs, () => (this.isRunning ? undefined : true));
    this.#monitor.close();
  }

  /** Power loss. */
  async kill(): Promise<void> {
    killed(this.#process);
    await this.gone(10_000);
  }
}
