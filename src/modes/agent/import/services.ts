/** Services that start at boot, by the links that `systemctl enable` makes. Must not know what they do. */
import type { ReadHost } from "../../../core/host.ts";
import { unitState } from "../../../core/tools/systemctl.ts";
import type { FoundResource, Part } from "./found.ts";

const folder = "/etc/systemd/system";

export const services: Part = {
  name: "services",
  summary: "Services that start at boot",
  async find(host) {
    const found: FoundResource[] = [];
    for (const unit of await enabledUnits(host)) {
      const state = await unitState(host, unit);
      if (state?.enabled !== true || state.masked || !(await stays(host, unit))) continue;
      found.push({
        type: "service",
        params: {
          service: unit.replace(/\.service$/, ""),
          enabled: true,
          state: state.active ? "running" : "stopped",
        },
      });
    }
    return found;
  },
};

/** What does its work once and ends is neither running nor stopped. */
async function stays(host: ReadHost, unit: string): Promise<boolean> {
  const argv = ["systemctl", "show", "--property=Type", "--value", "--", unit];
  return (await host.query({ argv })).stdout.trim() !== "oneshot";
}

async function enabledUnits(host: ReadHost): Promise<readonly string[]> {
  const wants = ((await host.list(folder)) ?? []).filter((name) =>
    /\.(wants|requires)$/.test(name),
  );
  const units = new Set<string>();
  for (const name of wants)
    for (const unit of (await host.list(`${folder}/${name}`)) ?? [])
      if (unit.endsWith(".service") && !unit.includes("@")) units.add(unit);
  // Its own service is not the business of policy.
  units.delete("vigo-agent.service");
  return [...units].sort();
}
