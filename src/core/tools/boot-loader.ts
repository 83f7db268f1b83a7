/**
 * Where a machine keeps the kernel's command line for its next boot, and how that gets to the boot loader: GRUB's defaults with
 * update-grub(8) or grub-mkconfig(8), kernel-install(8)'s `/etc/kernel/cmdline`, the Raspberry Pi's `cmdline.txt`. Must not know
 * parameters.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";

export interface BootLoader {
  readonly kind: "grub" | "plain";
  /** The file that people edit. */
  readonly source: string;
  /** What the boot loader reads, where that is one other file. */
  readonly made?: string;
  /** Commands that make what it reads, where it does not read the source itself. */
  readonly make: readonly (readonly string[])[];
}

const plain = ["/etc/kernel/cmdline", "/boot/firmware/cmdline.txt", "/boot/cmdline.txt"];
const menus = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];

export async function bootLoader(host: ReadHost): Promise<BootLoader> {
  if ((await host.stat("/etc/default/grub", { follow: true })) !== undefined) return grub(host);
  for (const source of plain)
    if ((await host.stat(source, { follow: true })) !== undefined)
      return {
        kind: "plain",
        source,
        make: source === "/etc/kernel/cmdline" ? await entriesAnew(host) : [],
      };
  throw new VigoError("failed", "no boot loader is known on this machine", {
    hint: `looked for /etc/default/grub, ${plain.join(", ")}`,
  });
}

/** One kernel after the other: `kernel-install add-all` came with systemd 256, and finds none of Debian's. */
async function entriesAnew(host: ReadHost): Promise<readonly (readonly string[])[]> {
  const orders: string[][] = [];
  for (const version of (await host.list("/lib/modules")) ?? [])
    for (const image of [`/lib/modules/${version}/vmlinuz`, `/boot/vmlinuz-${version}`])
      if ((await host.stat(image, { follow: true })) !== undefined) {
        orders.push(["kernel-install", "add", version, image]);
        break;
      }
  return orders;
}

async function grub(host: ReadHost): Promise<BootLoader> {
  for (const made of menus) {
    if ((await host.stat(made, { follow: true })) === undefined) continue;
    if (/^\s*GRUB_ENABLE_BLSCFG=["']?true/m.test((await fileText(host, "/etc/default/grub")) ?? ""))
      throw new VigoError("failed", "not for machines whose boot entries are files of their own", {
        hint: "GRUB_ENABLE_BLSCFG is true here: use grubby in an exec resource",
      });
    const tool = made.includes("grub2") ? "grub2-mkconfig" : "grub-mkconfig";
    return { kind: "grub", source: "/etc/default/grub", made, make: [[tool, "-o", made]] };
  }
  throw new VigoError("failed", "GRUB has defaults and no menu on this machine", {
    hint: `looked for ${menus.join(" and ")}: is GRUB installed?`,
  });
}

/** Who made the menu tells where each of its scripts begins and ends, and ends with that. */
const begin = /^### BEGIN \S*?([^/\s]+) ###$/;
const end = /^### END .* ###$/;

/**
 * The command lines of the entries that are made of the defaults; those of other systems, of memory tests and what people have
 * written themselves are none. A line is `linux /boot/vmlinuz-… root=… ro …`.
 */
export function parseMenu(text: string): readonly string[] {
  const made: string[] = [];
  const all: string[] = [];
  let script = "";
  for (const line of text.split("\n")) {
    script = begin.exec(line)?.[1] ?? (end.test(line) ? "" : script);
    const words = /^\s*linux(?:16|efi)?\s+\S+\s*(.*)$/.exec(line)?.[1];
    if (words === undefined) continue;
    all.push(words);
    if (/^\d+_linux/.test(script)) made.push(words);
  }
  return made.length > 0 ? made : all;
}

/** Who made it was stopped before its end: the machine may not boot. */
export function isCutShort(text: string): boolean {
  const lines = text.trimEnd().split("\n");
  if (text.trim() === "") return true;
  return lines.some((line) => begin.test(line)) && !end.test(lines.at(-1) ?? "");
}

export const menuText = async (host: ReadHost, path: string): Promise<string> =>
  (await fileText(host, path)) ?? "";

export async function makeMenu(host: Host, orders: BootLoader["make"]): Promise<void> {
  for (const argv of orders)
    await mustSucceed(
      argv.join(" "),
      host.run({ argv: [...argv], outlives: true, timeoutMs: 600_000 }),
    );
}
