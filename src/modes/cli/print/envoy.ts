/** One envoy in full. Must not know how it was asked for. */
import type { EnvoyDetail } from "../../../core/api/envoys.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { relative } from "./moment.ts";
import { facts } from "./table.ts";
import { stood, visible } from "./text.ts";

export function printEnvoy(screen: Pick<Screen, "colour">, envoy: EnvoyDetail, now: Date): string {
  const at = (moment: string | undefined) =>
    moment === undefined ? undefined : `${relative(moment, now)} (${moment})`;
  const run = envoy.last_run;
  const sections = Object.keys(envoy.traits).sort();
  return facts([
    ["hostname", visible(envoy.hostname)],
    ["reported as", otherName(envoy)],
    ["id", envoy.id],
    ["status", stood(screen, envoy.status)],
    ["revoked", at(envoy.revoked_at)],
    ["policy problem", envoy.policy_problem && visible(envoy.policy_problem)],
    ["maintenance", envoy.maintenance_until && `until ${envoy.maintenance_until}`],
    ["note", envoy.note && visible(envoy.note)],
    ["tags", envoy.tags && visible(envoy.tags.join(" "))],
    ["orphaned", envoy.orphaned ? "a machine enrolled later under the same name" : undefined],
    ["last seen", at(envoy.last_seen_at) ?? "never"],
    [
      "last run",
      run && `${run.number} ${stood(screen, run.outcome)}, ${relative(run.started_at, now)}`,
    ],
    ["pending", envoy.pending === 0 ? undefined : `${envoy.pending} resources`],
    ["policy", envoy.policy_version === 0 ? "none yet" : String(envoy.policy_version)],
    ["agent", visible(envoy.agent_version ?? "unknown")],
    [
      "agent too old",
      envoy.agent_lacks && `it has no ${visible(envoy.agent_lacks.join(", no "))}; update it`,
    ],
    ["platform", `${envoy.platform}/${envoy.arch}`],
    ["enrolled", at(envoy.enrolled_at)],
    ["by token", envoy.token_id],
    ["certificate", `ends ${at(envoy.certificate_expires_at)}`],
    ["machine id", visible(envoy.machine_id)],
    [
      "traits",
      sections.length === 0 ? "none yet" : `${visible(sections.join(", "))} (all with --json)`,
    ],
  ]);
}

const otherName = ({ hostname, reported_hostname: reported }: EnvoyDetail): string | undefined =>
  reported === undefined || reported === hostname
    ? undefined
    : `${visible(reported)} (policy goes by ${visible(hostname)})`;
