/**
 * What the administrator wants apt to choose, as far as it can be said in a table: packages by name that are to come from one
 * server. Formats: apt_preferences(5), apt.conf(5). Must not know which versions there are.
 */
import type { ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";

/** Priorities by package and server. */
export type Pins = ReadonlyMap<string, ReadonlyMap<string, number>>;

const settings = /Default-Release|RootDir|\bDir\s*[{"]|Dir::(?:State|Etc)|APT::Architecture/i;

/** Undefined where settings or pins have more to say than that about what is installed. */
export async function aptPins(
  host: ReadHost,
  installed: ReadonlySet<string>,
): Promise<Pins | undefined> {
  const [config, preferences] = await Promise.all([
    textOf(host, "/etc/apt/apt.conf"),
    textOf(host, "/etc/apt/preferences"),
  ]);
  return settings.test(config) ? undefined : parsePins(preferences, installed);
}

/** A file, and those of the folder beside it. */
async function textOf(host: ReadHost, path: string): Promise<string> {
  const names = ((await host.list(`${path}.d`)) ?? []).filter((name) => !name.startsWith("."));
  const files = [path, ...names.map((name) => `${path}.d/${name}`)];
  const texts = await Promise.all(files.map((file) => fileText(host, file)));
  return texts.join("\n\n");
}

export function parsePins(text: string, installed: ReadonlySet<string>): Pins | undefined {
  const pins = new Map<string, Map<string, number>>();
  const plain = text.replace(/^#.*\n?/gm, "");
  for (const paragraph of plain.split(/\n\s*\n/)) {
    const field = (name: string) =>
      new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, "im").exec(paragraph)?.[1]?.trim() ?? "";
    const names = field("Package").split(/\s+/);
    const known = names.filter((name) => installed.has(name) || !plainName.test(name));
    if (paragraph.trim() === "" || known.length === 0) continue;
    const [, server = ""] = /^origin\s+"?([a-z0-9][a-z0-9.-]*)"?$/i.exec(field("Pin")) ?? [];
    const priority = Number(field("Pin-Priority"));
    // A lower one takes a version back that another server has as well, a higher one goes back to older versions.
    const isPlain = server !== "" && priority >= 500 && priority < 1000;
    if (!isPlain || known.some((name) => !installed.has(name))) return undefined;
    for (const name of known) {
      const before = pins.get(name) ?? new Map<string, number>();
      // The first one that fits counts.
      pins.set(name, new Map([[server.toLowerCase(), priority], ...before]));
    }
  }
  return pins;
}

const plainName = /^[a-z0-9][a-z0-9+.-]+$/;
