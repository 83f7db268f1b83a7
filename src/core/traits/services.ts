/**
 * The `services` trait: which services run, have failed, and start with the machine. systemd is asked what runs; what is enabled
 * is links in folders, there as with OpenRC and SysV init. Must not know what anybody wants of them.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

const most = 2_000;
const names = (description: string) => z.array(z.string()).meta({ description });

interface Services {
  readonly running: readonly string[];
  readonly failed: readonly string[];
  readonly enabled: readonly string[];
}

export const services = defineTrait({
  name: "services",
  summary: "Services that run, have failed, or start with the machine.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/services.ts") as typeof import("./darwin/services.ts")).services,
    windows: () =>
      (require("./windows/processes.ts") as typeof import("./windows/processes.ts")).services,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      running: names(
        "Services with a running process, as `ssh.service` (systemd), `sshd`, `com.openssh.sshd` (launchd) or `sshd` (Windows).",
      ),
      failed: names("Services that ended badly; SysV init does not know any."),
      enabled: names("Services that start with the machine, `getty@tty1.service` by instance."),
    }),
  async collect(host) {
    const found = await readers[host.os.init]?.(host);
    if (found === undefined) return undefined;
    const { running, failed, enabled } = found;
    return { running: tidy(running), failed: tidy(failed), enabled: tidy(enabled) };
  },
  example: {
    running: ["cron.service", "ssh.service"],
    failed: [],
    enabled: ["cron.service", "getty@tty1.service", "ssh.service"],
  },
});

const tidy = (found: readonly string[]) => [...new Set(found)].sort().slice(0, most);

const readers: Readonly<Record<string, (host: ReadHost) => Promise<Services | undefined>>> = {
  systemd: fromSystemd,
  openrc: fromOpenrc,
  sysv: fromSysv,
};

async function fromSystemd(host: ReadHost): Promise<Services> {
  const argv = ["systemctl", "list-units", "--type=service", "--state=running,failed"];
  const plain = ["--plain", "--no-legend", "--no-pager", "--full"];
  const [{ code, stdout, stderr }, enabled] = await Promise.all([
    host.query({ argv: [...argv, ...plain], timeoutMs: 4_000 }),
    enabledUnits(host, "/etc/systemd/system"),
  ]);
  if (code !== 0) throw new VigoError("failed", `systemctl list-units: ${stderr.trim()}`);
  return { ...parseUnits(stdout), enabled };
}

/** Columns: unit, load, active, sub, description. */
export function parseUnits(listed: string) {
  const rows = listed.split("\n").map((line) => line.trim().split(/\s+/));
  const of = (wanted: (row: readonly string[]) => boolean) =>
    rows.filter((row) => row.length >= 4 && wanted(row)).map(([name = ""]) => name);
  return {
    running: of(([, , , sub]) => sub === "running"),
    failed: of(([, , active]) => active === "failed"),
  };
}

/**
 * What `systemctl enable` leaves: links in folders of what wants or requires the unit, and links under another name to it. A link
 * of its own name only says where the unit file is, one to /dev/null that it is masked.
 */
async function enabledUnits(host: ReadHost, root: string): Promise<readonly string[]> {
  const entries = (await host.list(root)) ?? [];
  const folders = entries.filter((name) => /\.(?:wants|requires|upholds)$/.test(name));
  const wanted = await Promise.all(folders.map((name) => host.list(`${root}/${name}`)));
  const aliases = await Promise.all(
    entries
      .filter((name) => name.endsWith(".service"))
      .map(async (name) => {
        const target = (await host.stat(`${root}/${name}`))?.target?.split("/").at(-1) ?? "";
        return target.endsWith(".service") && target !== name ? [target] : [];
      }),
  );
  const units = wanted.flatMap((found) => found ?? []).filter((name) => name.endsWith(".service"));
  return [...units, ...aliases.flat()];
}

/** /run/openrc holds a link for each service that is started or has failed; runlevels hold links to init scripts. */
async function fromOpenrc(host: ReadHost): Promise<Services> {
  const levels = (await host.list("/etc/runlevels")) ?? [];
  const [running = [], failed = [], ...enabled] = await Promise.all(
    [
      "/run/openrc/started",
      "/run/openrc/failed",
      ...levels.map((it) => `/etc/runlevels/${it}`),
    ].map((folder) => host.list(folder)),
  );
  return { running, failed, enabled: enabled.flatMap((found) => found ?? []) };
}

/** A script whose pid file names a living process runs. */
async function fromSysv(host: ReadHost): Promise<Services | undefined> {
  const scripts = await host.list("/etc/init.d");
  if (scripts === undefined) return undefined;
  const alive = await Promise.all(scripts.map((name) => hasProcess(host, name)));
  const links = await Promise.all(
    ["/etc/rc2.d", "/etc/rc3.d", "/etc/rc5.d", "/etc/rcS.d"].map((folder) => host.list(folder)),
  );
  const enabled = links
    .flatMap((found) => found ?? [])
    .flatMap((name) => /^S\d\d(.+)$/.exec(name)?.[1] ?? []);
  return { running: scripts.filter((_, at) => alive[at] === true), failed: [], enabled };
}

async function hasProcess(host: ReadHost, name: string): Promise<boolean> {
  const pid = await fileLine(host, `/run/${name}.pid`);
  return /^\d+$/.test(pid) && (await host.stat(`/proc/${pid}`)) !== undefined;
}
