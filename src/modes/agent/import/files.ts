/**
 * Files with their content: those that were named, configuration that was changed since its package brought it, jobs of cron and
 * kernel settings that no package brought. What others may not read stays here unless it was named: it may hold a secret.
 * Must not know what a file says.
 */
import { createHash } from "node:crypto";
import type { ReadHost } from "../../../core/host.ts";
import { octal } from "../../../core/text/mode.ts";
import { dpkgStatus, unpackaged } from "./dpkg-files.ts";
import type { FoundResource, Part } from "./found.ts";

const mostBytes = 256 * 1024;

/** Undefined for what is no file, too large, or not for everybody's eyes. */
async function fileAt(
  host: ReadHost,
  path: string,
  { isNamed = false, note }: { readonly isNamed?: boolean; readonly note?: string } = {},
): Promise<FoundResource | undefined> {
  const stat = await host.stat(path);
  if (stat?.kind !== "file" || stat.bytes > mostBytes) return undefined;
  if (!isNamed && (stat.mode & 0o004) === 0) return undefined;
  const bytes = await host.read(path);
  if (bytes === undefined) return undefined;
  const [owner, group] = [await host.user(`${stat.uid}`), await host.group(`${stat.gid}`)];
  const template = `files${path}`;
  return {
    type: "file",
    params: {
      target_path: path,
      source: `templates/${template}`,
      mode: octal(stat.mode),
      owner: owner?.name ?? `${stat.uid}`,
      group: group?.name ?? `${stat.gid}`,
    },
    ...(note !== undefined && { note }),
    template: { path: template, bytes },
  };
}

const all = async (
  host: ReadHost,
  paths: readonly string[],
  about: Parameters<typeof fileAt>[2] = {},
): Promise<readonly FoundResource[]> => {
  const found: FoundResource[] = [];
  for (const path of paths) {
    const file = await fileAt(host, path, about);
    if (file !== undefined) found.push(file);
  }
  return found;
};

export const configuration: Part = {
  name: "files",
  summary:
    "Configuration that was changed since its package brought it, and files that were asked for",
  async find(host, { files }) {
    const changed: string[] = [];
    for (const { conffiles, isInstalled } of await dpkgStatus(host))
      for (const [path, md5] of isInstalled ? conffiles : [])
        if (!files.includes(path) && (await isChanged(host, path, md5))) changed.push(path);
    return [
      ...(await all(host, files, { isNamed: true })),
      ...(await all(host, changed.sort(), { note: "changed by hand" })),
    ];
  },
};

async function isChanged(host: ReadHost, path: string, md5: string): Promise<boolean> {
  const stat = await host.stat(path);
  if (stat?.kind !== "file" || stat.bytes > mostBytes) return false;
  const bytes = await host.read(path);
  return bytes !== undefined && createHash("md5").update(bytes).digest("hex") !== md5;
}

export const cronJobs: Part = {
  name: "cron",
  summary: "Jobs of cron that no package brought",
  find: async (host) => {
    const folders = ["cron.d", "cron.hourly", "cron.daily", "cron.weekly", "cron.monthly"];
    const paths = await Promise.all(folders.map((name) => unpackaged(host, `/etc/${name}`)));
    return all(host, paths.flat());
  },
};

export const kernel: Part = {
  name: "sysctl",
  summary: "Kernel settings that no package brought",
  find: async (host) => all(host, await unpackaged(host, "/etc/sysctl.d")),
};
