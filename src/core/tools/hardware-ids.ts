/**
 * The lists of vendors and devices that systems have, pci.ids and usb.ids: a line `VVVV  Vendor`, below it `<tab>DDDD  Device`;
 * after them classes, `C CC  Class` with `<tab>SS  Subclass`. Must not know what is in the machine.
 */
import type { ReadHost } from "../host.ts";

const folders = ["/usr/share/hwdata", "/usr/share/misc", "/var/lib/usbutils"];
const limit = 8 * 1024 * 1024;

/** The list of one bus; empty where the system has none, and then numbers stay numbers. */
export async function idsOf(host: ReadHost, bus: "pci" | "usb"): Promise<string> {
  for (const folder of folders) {
    const bytes = await host.read(`${folder}/${bus}.ids`, { limit });
    if (bytes !== undefined)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  }
  return "";
}

/** The list is long and few are asked for: the line is looked up in the text, not the text taken apart. */
export function deviceNames(ids: string, vendor: string, device: string) {
  const section = sectionOf(ids, vendor);
  return { vendor: section?.name ?? "", product: nameIn(section?.inside ?? "", device) };
}

/** By two digits of the class and two of the subclass. */
export function classNames(ids: string, code: string, subcode: string): string {
  const section = sectionOf(ids, `C ${code}`);
  return nameIn(section?.inside ?? "", subcode) || (section?.name ?? "");
}

function sectionOf(ids: string, key: string) {
  const start = ids.indexOf(`\n${key}  `);
  if (start < 0) return undefined;
  const lineEnd = endOf(ids, start + 1);
  const rest = ids.slice(lineEnd);
  const next = rest.search(/\n(?![\t#\n])/);
  const inside = next < 0 ? rest : rest.slice(0, next);
  return { name: ids.slice(start + key.length + 3, lineEnd).trim(), inside };
}

function nameIn(section: string, key: string): string {
  const start = section.indexOf(`\n\t${key}  `);
  return start < 0 ? "" : section.slice(start + key.length + 4, endOf(section, start + 1)).trim();
}

const endOf = (text: string, from: number) => {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
};
