/** Daemons of macOS as launchd has them: `services`. Must not know what anybody wants of them. */
import type { ReadHost } from "../../host.ts";
import { disabledLabels } from "../../tools/launchctl.ts";
import { type Asking, printed } from "../../tools/once.ts";

const most = 2_000;
const folders = ["/Library/LaunchDaemons", "/System/Library/LaunchDaemons"];

export async function services(host: ReadHost, asking: Asking) {
  const [listed, disabled, ...plists] = await Promise.all([
    printed(host, asking, ["launchctl", "list"]),
    printed(host, asking, ["launchctl", "print-disabled", "system"]),
    ...folders.map((folder) => host.list(folder)),
  ]);
  const off = disabledLabels(disabled);
  const labels = plists.flatMap((names = []) =>
    names.filter((name) => name.endsWith(".plist")).map((name) => name.slice(0, -".plist".length)),
  );
  const jobs = parseLaunchctlList(listed);
  return {
    running: tidy(jobs.filter(({ runs }) => runs).map(({ label }) => label)),
    failed: tidy(jobs.filter(({ runs, failed }) => !runs && failed).map(({ label }) => label)),
    enabled: tidy(labels.filter((label) => !off.has(label))),
  };
}

const tidy = (found: readonly string[]) => [...new Set(found)].sort().slice(0, most);

/** PID or a dash, how it ended last (a signal is negative), label; under a heading. */
export const parseLaunchctlList = (text: string) =>
  [...text.matchAll(/^(\d+|-)\t(-?\d+)\t(.+)$/gm)].map(([, pid, status, label = ""]) => ({
    label,
    runs: pid !== "-",
    failed: status !== "0",
  }));
