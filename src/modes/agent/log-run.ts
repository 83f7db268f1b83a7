/** What the log says of a run: nothing of a quiet one, else a line for each resource that was not as declared. Must not know who ran. */
import type { RunReport } from "../../core/converge/report.ts";
import type { Log } from "../../core/log.ts";

export function logRun(log: Log, report: RunReport): void {
  const { outcome, counts, duration_ms, policy_version } = report;
  if (outcome === "ok") return;
  for (const { key, outcome: ended, reason, changes } of report.resources) {
    if (ended === "ok" || (ended === "skipped" && reason?.startsWith("needs ") !== true)) continue;
    const fields = changes.map(({ field, cause }) => `${field} (${cause})`).join(", ");
    const say = ended === "failed" || ended === "blocked" ? log.error : log.info;
    say(`resource ${ended}`, { key, reason, changes: fields || undefined });
  }
  log.info("run ended", { outcome, policy_version, duration_ms, ...counts });
}
