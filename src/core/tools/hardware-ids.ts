/**
 * The lists of vendors and devices that systems have, pci.ids and usb.ids: a line `VVVV  Vendor`, below it `<tab>DDDD  Device`;
 * after them classes, `C CC  Class` with `<tab>SS  Subclass`. Must not know what is in the machine.
 */
import type { ReadHost } from "../host.ts";

const folders = ["/usr/share/hwdata", "/usr/share/misc", "/var/lib/usbutils"];
const limit = 8 * 1024 * 1024;

/** The list of one bus as it is; empty where the system has none, and then numbers stay numbers. */
export async function idsOf(host: ReadHost, bus: "pci" | "usb"): Promise<Buffer> {
  for (const folder of folders) {
    const bytes = await host.read(`${folder}/${bus}.ids`, { limit });
    if (bytes !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return Buffer.alloc(0);
}

/** The list is long and few are asked for: the line is looked up in its bytes, not the text taken apart. */
export function deviceNames(ids: Buffer, vendor: string, device: string) {
  const section = sectionOf(ids, vendor);
  return { vendor: section?.name ?? "", product: nameIn(section?.inside ?? "", device) };
}

/** By two digits of the class and two of the subclass. */
export function classNames(ids: Buffer, code: string, subcode: string): string {
  const section = sectionOf(ids, `C ${code}`);
  return nameIn(section?.inside ?? "", subcode) || (section?.name ?? "");
}

function sectionOf(ids: Buffer, key: string) {
  const start = ids.indexOf(`\n${key}  `);
  if (start < 0) return undefined;
  const lineEnd = endOf(ids, start + 1);
  let end = lineEnd;
  while (end < ids.length && insideSection.has(ids[end + 1])) end = endOf(ids, end + 1);
  const name = ids.toString("latin1", start + key.length + 3, lineEnd).trim();
  return { name, inside: ids.toString("latin1", lineEnd, end) };
}

/** First bytes of lines that belong to the one before: a tab, a remark, nothing. */
const insideSection: ReadonlySet<number | undefined> = new Set([0x09, 0x23, 0x0a]);

function nameIn(section: string, key: string): string {
  const start = section.indexOf(`\n\t${key}  `);
  return start < 0 ? "" : section.slice(start + key.length + 4, endOf(section, start + 1)).trim();
}

const endOf = (text: string | Buffer, from: number) => {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
};
