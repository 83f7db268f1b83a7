/**
 * The `reboot` type: the machine starts anew, when told or when its packages wait for it, at most once a boot. Must not wait for
 * it: there is a minute at least, so that the run ends and is reported before.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { flag, parameters, path, text, whole } from "../params.ts";
import { defineResource } from "../resource.ts";
import { fileText } from "../tools/file-text.ts";
import { mustSucceed } from "../tools/exit.ts";

const params = () =>
  parameters({
    when_pending: flag(
      "Reboot when an installed update waits for it. Otherwise only when notified.",
    ).default(false),
    reboot_required_file: path(
      "The file that says so. Where it is not given, what the distribution has: `/run/reboot-required`, needs-restarting, zypper.",
    ).exactOptional(),
    delay_minutes: whole("How long from now, so that people can save their work.", {
      min: 1,
      max: 10_080,
    }).default(1),
    message: text("What everybody who is logged in is told.", {
      pattern: /^[^\n\r\0]{1,500}$/,
      wanted: "one line",
    }).default("This machine restarts to finish an update."),
  }).refine((p) => p.when_pending || p.reboot_required_file === undefined, {
    path: ["reboot_required_file"],
    message: "is looked at with when_pending: true alone",
  });

type Params = z.output<ReturnType<typeof params>>;

export const reboot = defineResource<Params>({
  name: "reboot",
  summary: "Restarts the machine when told, or when an update waits for it.",
  platforms: ["linux"],
  params,
  isAction: (p) => !p.when_pending,
  lane: "systemd",
  claims: () => [{ id: "reboot" }],

  async check(p, host) {
    mustBeSystemd(host);
    if ((await isAsked(host)) || !(await isPending(p, host))) return [];
    return [{ field: "reboot", from: "pending", to: `in ${minutes(p)}`, cause: "intent" }];
  },

  apply: (p, host) => schedule(p, host),
  refresh: (p, host) => schedule(p, host),
  refreshedBy: () => true,

  examples: [
    {
      title: "At night, when a kernel waits for it",
      params: { when_pending: true, delay_minutes: 10, message: "Back in five minutes." },
    },
    { title: "When something notifies it", params: { delay_minutes: 1 } },
  ],
});

const minutes = (p: Params) => (p.delay_minutes === 1 ? "1 minute" : `${p.delay_minutes} minutes`);

/** Goes with the boot, like all of `/run`: whoever calls a reboot off has peace until the next one. */
const note = "/run/vigo-reboot";
const scheduled = "/run/systemd/shutdown/scheduled";

const isAsked = async (host: ReadHost) =>
  (await host.stat(note)) !== undefined || (await host.stat(scheduled)) !== undefined;

function mustBeSystemd(host: ReadHost): void {
  if (host.os.init !== "systemd") throw new VigoError("failed", `not for ${host.os.distro}`);
}

/**
 * A file that is older than this boot has had its reboot. What is in /run is of this boot whatever its time says: a clock that was set
 * meanwhile has moved the time of the boot.
 */
async function isPending(p: Params, host: ReadHost): Promise<boolean> {
  const file = p.reboot_required_file ?? "/run/reboot-required";
  const there = await host.stat(file, { follow: true });
  if (there !== undefined)
    return /^\/(?:var\/)?run\//.test(file) || there.modified.getTime() >= (await bootTime(host));
  const ask = p.reboot_required_file === undefined ? tools[host.os.family] : undefined;
  if (ask === undefined) return false;
  const { code, stderr } = await host.query({ argv: ask.argv, timeoutMs: 120_000 });
  if (code === 0 || code === ask.pending) return code === ask.pending;
  const said = stderr.trim().split("\n").at(-1) ?? "";
  throw new VigoError("failed", `${ask.argv.join(" ")}: exit ${code}: ${said}`, { hint: ask.hint });
}

/** What else than a file tells, and with which exit code. */
const tools: Readonly<
  Record<string, { argv: readonly string[]; pending: number; hint: string } | undefined>
> = {
  rhel: {
    argv: ["needs-restarting", "-r"],
    pending: 1,
    hint: "declare the package dnf-utils, or say reboot_required_file",
  },
  suse: {
    argv: ["zypper", "--non-interactive", "needs-rebooting"],
    pending: 102,
    hint: "say reboot_required_file where zypper cannot tell",
  },
};

/** In milliseconds since 1970; proc_stat(5). */
async function bootTime(host: ReadHost): Promise<number> {
  const [, seconds = "0"] = /^btime (\d+)$/m.exec((await fileText(host, "/proc/stat")) ?? "") ?? [];
  return Number(seconds) * 1000;
}

async function schedule(p: Params, host: Host): Promise<void> {
  mustBeSystemd(host);
  if (await isAsked(host)) return;
  const argv = ["shutdown", "-r", `+${p.delay_minutes}`, p.message];
  await mustSucceed("shutdown -r", host.run({ argv }));
  const asked = new TextEncoder().encode(`${host.now().toISOString()}\n`);
  await host.write(note, asked, { mode: 0o644, snapshot: false });
}
