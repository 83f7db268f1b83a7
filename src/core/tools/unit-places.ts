/**
 * The entries that decide whether a unit starts at boot: its file and the links of others to it, wherever systemd looks for them
 * (systemd.unit(5), "Unit File Load Path"; systemctl(1), `is-enabled`). Must not know what is wanted.
 */
import type { ReadHost } from "../host.ts";

const roots = [
  "/etc/systemd",
  "/run/systemd",
  "/usr/local/lib/systemd",
  "/usr/lib/systemd",
  "/lib/systemd",
];
const names = [
  "system.control",
  "transient",
  "generator.early",
  "system",
  "system.attached",
  "generator",
  "generator.late",
];

/** Each entry that is there, and the first of each way that is not. */
export async function unitPlaces(host: ReadHost, unit: string): Promise<readonly string[]> {
  const places: string[] = [];
  for (const root of roots) {
    const missing = await firstMissing(host, root);
    if (missing !== undefined) places.push(...missing);
    else for (const name of names) places.push(...(await placesIn(host, `${root}/${name}`, unit)));
  }
  return places;
}

/** Undefined where it is a folder; nothing where the way to it leads elsewhere, as `/lib` does on most machines. */
async function firstMissing(host: ReadHost, path: string): Promise<readonly string[] | undefined> {
  const above = path.slice(0, path.lastIndexOf("/"));
  const higher = above === "" ? undefined : await firstMissing(host, above);
  if (higher !== undefined) return higher;
  const found = await host.stat(path);
  if (found?.kind === "directory") return undefined;
  return found?.kind === "symlink" ? [] : [path];
}

async function placesIn(host: ReadHost, folder: string, unit: string): Promise<readonly string[]> {
  const entries = await host.list(folder);
  if (entries === undefined) return [folder];
  // Whoever runs a command as a unit puts one there, and none of them is started at boot.
  if (folder.endsWith("/transient")) return [`${folder}/${unit}`];
  const links = entries.filter((name) => /\.(?:wants|requires|upholds)$/.test(name));
  return [
    folder,
    ...links.map((name) => `${folder}/${name}`),
    ...(entries.includes(unit) ? [`${folder}/${unit}`] : []),
  ];
}
