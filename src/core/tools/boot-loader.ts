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
  /** What the boot loader reads, where that is another file. */
  readonly made?: string;
  /** Makes it. */
  readonly make?: readonly string[];
}

const plain = ["/etc/kernel/cmdline", "/boot/firmware/cmdline.txt", "/boot/cmdline.txt"];
const menus = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];

export async function bootLoader(host: ReadHost): Promise<BootLoader> {
  if ((await host.stat("/etc/default/grub", { follow: true })) !== undefined) return grub(host);
  for (const source of plain)
    if ((await host.stat(source, { follow: true })) !== undefined)
      return source === "/etc/kernel/cmdline"
        ? { kind: "plain", source, make: ["kernel-install", "add-all"] }
        : { kind: "plain", source };
  throw new VigoError("failed", "no boot loader is known on this machine", {
    hint: `looked for /etc/default/grub, ${plain.join(", ")}`,
  });
}

async function grub(host: ReadHost): Promise<BootLoader> {
  for (const made of menus) {
    if ((await host.stat(made, { follow: true })) === undefined) continue;
    if (/^\s*GRUB_ENABLE_BLSCFG=["']?true/m.test((await fileText(host, "/etc/default/grub")) ?? ""))
      throw new VigoError("failed", "not for machines whose boot entries are files of their own", {
        hint: "GRUB_ENABLE_BLSCFG is true here: use grubby in an exec resource",
      });
    const tool = made.includes("grub2") ? "grub2-mkconfig" : "grub-mkconfig";
    return { kind: "grub", source: "/etc/default/grub", made, make: [tool, "-o", made] };
  }
  throw new VigoError("failed", "GRUB has defaults and no menu on this machine", {
    hint: `looked for ${menus.join(" and ")}: is GRUB installed?`,
  });
}

/**
 * The command lines of the menu's entries, without those for rescue: they do without most parameters. A line is
 * `linux /boot/vmlinuz-… root=… ro …`.
 */
export const parseMenu = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => /^\s*linux(?:16|efi)?\s+\S+\s*(.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined);

export async function menuLines(host: ReadHost, path: string): Promise<readonly string[]> {
  return parseMenu((await fileText(host, path)) ?? "");
}

export async function makeMenu(host: Host, argv: readonly string[]): Promise<void> {
  await mustSucceed(
    argv[0] ?? "",
    host.run({ argv: [...argv], outlives: true, timeoutMs: 600_000 }),
  );
}
