/** The `cron_jobs` trait: what cron starts, from crontab(5) files and the folders of scripts. Must not know timers of systemd. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { type CronJob, jobsIn } from "../text/crontab-jobs.ts";
import { fileText } from "../tools/file-text.ts";
import { unlessDenied } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

const most = 1_000;

export const cronJobs = defineTrait({
  name: "cron_jobs",
  summary: "Jobs that cron starts.",
  platforms: ["linux", "darwin"],
  keep: "hour",
  value: () =>
    z.strictObject({
      jobs: z
        .array(
          z.strictObject({
            path: z.string(),
            user: z.string(),
            schedule: z.string(),
            command: z.string(),
          }),
        )
        .meta({
          description: `By path, ${most} at most: the file, the account, five fields or a nickname (\`@daily\`), the command (500 characters of it, without passwords that what stands before them tells). Users' own are missing without root.`,
        }),
    }),
  async collect(host) {
    const found = await Promise.all([
      systemTables(host),
      ...userTables.map((folder) => ownTables(host, folder)),
      ...scriptFolders.map((period) => scripts(host, period)),
    ]);
    return { jobs: found.flat().slice(0, most) };
  },
  example: {
    jobs: [
      {
        path: "/etc/cron.d/backup",
        user: "root",
        schedule: "30 2 * * *",
        command: "/usr/local/sbin/backup",
      },
    ],
  },
});

type Job = CronJob & { readonly path: string };

/** cron passes over a name with a dot or a tilde there; cronie takes more, but nobody means a backup to run. */
async function systemTables(host: ReadHost): Promise<readonly Job[]> {
  const names = ((await host.list("/etc/cron.d")) ?? []).filter((name) => /^[\w-]+$/.test(name));
  const paths = ["/etc/crontab", ...names.map((name) => `/etc/cron.d/${name}`)];
  const found = await Promise.all(
    paths.map(async (path) => {
      const text = (await unlessDenied(fileText(host, path))) ?? "";
      return jobsIn(text).map((job) => ({ path, ...job }));
    }),
  );
  return found.flat();
}

/** Debian; SUSE; Alpine; macOS; Red Hat, where the others' folders would be entries without a text. */
const userTables = [
  "/var/spool/cron/crontabs",
  "/var/spool/cron/tabs",
  "/etc/crontabs",
  "/var/at/tabs",
  "/var/spool/cron",
];

async function ownTables(host: ReadHost, folder: string): Promise<readonly Job[]> {
  const names = (await unlessDenied(host.list(folder))) ?? [];
  const found = await Promise.all(
    names.map(async (user) => {
      const path = `${folder}/${user}`;
      if ((await host.stat(path))?.kind !== "file") return [];
      const text = (await unlessDenied(fileText(host, path))) ?? "";
      return jobsIn(text, user).map((job) => ({ path, ...job }));
    }),
  );
  return found.flat();
}

const scriptFolders = ["hourly", "daily", "weekly", "monthly"] as const;

/** run-parts(8) and its like run what is executable and has no dot in its name. */
async function scripts(
  host: ReadHost,
  period: (typeof scriptFolders)[number],
): Promise<readonly Job[]> {
  const folder = `/etc/cron.${period}`;
  const names = ((await host.list(folder)) ?? []).filter((name) => /^[\w-]+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = `${folder}/${name}`;
      const stat = await host.stat(path, { follow: true });
      if (stat?.kind !== "file" || (stat.mode & 0o111) === 0) return [];
      return [{ path, user: "root", schedule: `@${period}`, command: path }];
    }),
  );
  return found.flat();
}
