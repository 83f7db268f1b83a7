/**
 * The Debian machine that every virtual machine of the tests starts as: installed once with its own kernel and boot loader, booted
 * once, then frozen, so that even where QEMU has to do without KVM a test waits seconds for it. Kept outside of the repository
 * under the hash of what it was made with. Must not know tests.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { debian } from "../lab/base.ts";
import { cachePath, finished, folderIn, needTools } from "../lab/cache.ts";
import { Ledger } from "../lab/ledger.ts";
import { outside } from "../lab/outside.ts";
import { GuestAgent } from "./guest-agent.ts";
import { accelerator, type Hardware, Qemu } from "./qemu.ts";

/** Debian's smallest system, a kernel, what boots it, and the tools of what only a kernel of one's own can show. */
const packages = [
  ...[
    "systemd",
    "systemd-sysv",
    "dbus",
    "iproute2",
    "procps",
    "openssh-server",
    "sudo",
    "logrotate",
  ],
  ...["linux-image-cloud-amd64", "initramfs-tools", "zstd", "udev", "kmod"],
  ...["grub-pc-bin", "grub2-common", "qemu-guest-agent"],
  ...["e2fsprogs", "xfsprogs", "btrfs-progs", "dosfstools", "lvm2"],
  ...["apparmor", "auditd", "selinux-policy-default", "policycoreutils"],
  ...["policycoreutils-python-utils", "systemd-timesyncd"],
];

/** Raise it when what is done to the system changes. */
const recipe = 1;

const needed = {
  "qemu-system-x86_64": "qemu-system-x86",
  debootstrap: "debootstrap",
  mke2fs: "e2fsprogs",
  sfdisk: "fdisk",
  zstd: "zstd",
};

const gigabytes = 3;
/** Where the only partition starts. */
const offset = 1024 * 1024;

/** Sizes of the other disks: one with the executable under test, and those that tests may do with as they like. */
export const vigoMegabytes = 256;
export const spareMegabytes = [512, 512, 512] as const;

export interface FrozenMachine {
  readonly disk: string;
  readonly memory: string;
}

/** Takes some minutes the first time, on a machine that reaches a Debian mirror. */
export async function frozenMachine(): Promise<FrozenMachine> {
  needTools(needed);
  const cpu = accelerator() === "kvm" ? outside("lscpu") : "any";
  const version = outside("qemu-system-x86_64", "--version");
  const path = cachePath("vm", [packages, recipe, version, cpu]);
  if (!existsSync(path)) await makeIn(path);
  return { disk: join(path, "disk"), memory: join(path, "memory.zst") };
}

async function makeIn(path: string): Promise<void> {
  const root = folderIn(cachePath("vm-root", [packages, recipe]), (folder) => {
    debian(folder, packages);
    prepare(folder);
  });
  const building = `${path}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building);
  const ledger = new Ledger(randomBytes(3).toString("hex"));
  ledger.add("folders", building);
  const disk = join(building, "disk");
  writeDisk(root, disk);
  const blanks = blankDisks(building);
  const disks = [disk, ...blanks].map((file) => ({ file, forgetful: false }));
  await installBoot(ledger, root, { folder: building, disks });
  const qemu = await Qemu.start({ folder: building, disks }, ledger);
  const agent = new GuestAgent(qemu.agentSocket);
  await agent.ready(300_000);
  await settled(agent);
  agent.close();
  await qemu.freeze(join(building, "memory.zst"));
  for (const file of blanks) rmSync(file);
  finished(building, path);
  ledger.clear();
}

/** As an installer leaves a machine: a table of file systems, a boot loader's settings, labels for SELinux. */
function prepare(root: string): void {
  const put = (path: string, text: string) => writeFileSync(join(root, path), text);
  put(
    "etc/fstab",
    "# <file system> <mount point> <type> <options> <dump> <pass>\nLABEL=root / ext4 errors=remount-ro 0 1\n",
  );
  put("etc/hostname", "vm\n");
  put("etc/hosts", "127.0.0.1 localhost\n127.0.1.1 vm\n");
  put(
    "etc/default/grub",
    [
      "# Read by update-grub.",
      "GRUB_DEFAULT=0",
      "GRUB_TIMEOUT=0",
      'GRUB_DISTRIBUTOR="Debian"',
      'GRUB_CMDLINE_LINUX_DEFAULT="quiet"',
      'GRUB_CMDLINE_LINUX="console=ttyS0"',
      "",
    ].join("\n"),
  );
  mkdirSync(join(root, "opt/vigo"));
  const contexts = "/etc/selinux/default/contexts/files/file_contexts";
  const skipped = ["/proc", "/sys", "/dev", "/run"].flatMap((folder) => ["-e", folder]);
  const label = `mount --make-rprivate /; mount -t proc proc "$1/proc"; exec chroot "$@"`;
  const setfiles = ["setfiles", "-F", "-m", "-T0", ...skipped, contexts, "/"];
  outside("unshare", "--mount", "sh", "-euc", label, "sh", root, ...setfiles);
}

function writeDisk(root: string, disk: string): void {
  writeFileSync(disk, "", { mode: 0o600 });
  truncateSync(disk, gigabytes * 1024 ** 3);
  outside("sh", "-c", 'echo "start=2048, type=83, bootable" | sfdisk -q "$1"', "sh", disk);
  const kilobytes = gigabytes * 1024 ** 2 - offset / 1024;
  outside(
    ...["mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", "-d", root],
    ...["-E", `offset=${offset},nodiscard`, disk, `${kilobytes}k`],
  );
}

/** Sparse files of the right sizes. */
export function blankDisks(folder: string): readonly string[] {
  return [vigoMegabytes, ...spareMegabytes].map((size, at) => {
    const file = join(folder, `blank${at}`);
    writeFileSync(file, "", { mode: 0o600 });
    truncateSync(file, size * 1024 ** 2);
    return file;
  });
}

/** The kernel is started without a boot loader once, to install it with Debian's own tools. */
async function installBoot(ledger: Ledger, root: string, hardware: Hardware): Promise<void> {
  const boot = readdirSync(join(root, "boot"));
  const named = (start: string) =>
    join(root, "boot", boot.find((name) => name.startsWith(start)) ?? start);
  const kernel = {
    image: named("vmlinuz-"),
    initrd: named("initrd.img-"),
    append: "root=LABEL=root ro quiet console=ttyS0",
  };
  const qemu = await Qemu.start({ ...hardware, kernel }, ledger);
  const agent = new GuestAgent(qemu.agentSocket);
  await agent.ready(300_000);
  const steps = "grub-install --target=i386-pc /dev/vda && update-grub";
  const { code, stderr } = await agent.run({ argv: ["sh", "-c", steps], timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`the boot loader cannot be installed: ${stderr}`);
  await agent.run({ argv: ["systemctl", "poweroff"], timeoutMs: 60_000 });
  agent.close();
  await qemu.gone(120_000);
}

/** Everything that starts at boot has started, and is on the disk. */
async function settled(agent: GuestAgent): Promise<void> {
  const wait = ["systemctl", "is-system-running", "--wait"];
  const { stdout } = await agent.run({ argv: wait, timeoutMs: 300_000 });
  if (stdout.trim() !== "running") {
    const { stdout: failed } = await agent.run({
      argv: ["systemctl", "--failed"],
      timeoutMs: 60_000,
    });
    throw new Error(`the machine is ${stdout.trim()}: ${failed}`);
  }
  await agent.run({ argv: ["sync"], timeoutMs: 60_000 });
}
