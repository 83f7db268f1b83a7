/** What the types that keep units of systemd share. Must not know their texts. */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { runningWord } from "./service-manager.ts";
import { type UnitState, unitState } from "./systemctl.ts";

export const unitFolder = "/etc/systemd/system";

const vendors = ["/lib/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system"];

/** Has a package a unit of this name? */
export async function isVendorUnit(host: ReadHost, unit: string): Promise<boolean> {
  for (const folder of vendors)
    if ((await host.stat(`${folder}/${unit}`, { follow: true })) !== undefined) return true;
  return false;
}

/** The claim of a service, whether its kind is written or not. */
export const serviceId = (unit: string): string => `service:${unit.replace(/\.service$/, "")}`;

const nothing: UnitState = {
  known: false,
  active: false,
  failed: false,
  masked: false,
  enabled: undefined,
};

/** How it stands now; a template by itself never does. Refuses other init systems, and units that nobody may start. */
export async function standingUnit(host: ReadHost, unit: string): Promise<UnitState> {
  if (host.os.init !== "systemd") throw new VigoError("failed", `not for ${host.os.distro}`);
  const own = await host.stat(`${unitFolder}/${unit}`);
  if (own?.kind === "symlink" && own.target === "/dev/null")
    throw new VigoError("failed", `${unit} is masked: ${unitFolder}/${unit} leads to /dev/null`, {
      hint: "unmask it: type service with masked: false, or systemctl unmask",
    });
  if (/@\.\w+$/.test(unit)) return nothing;
  const state = await unitState(host, unit);
  if (state === undefined) throw new VigoError("unavailable", "systemd does not answer");
  return state;
}

/** In the shape of changes: what was said about start at boot and start now, and is not so. */
export function enablingFields(
  wanted: { readonly enabled?: boolean; readonly started?: boolean },
  unit: UnitState,
) {
  const enabled = wanted.enabled !== undefined && unit.enabled !== undefined;
  const started = wanted.started !== undefined && wanted.started !== unit.active;
  return [
    ...(enabled && wanted.enabled !== unit.enabled
      ? [{ field: "enabled", from: `${unit.enabled}`, to: `${wanted.enabled}`, cause }]
      : []),
    ...(started
      ? [
          {
            field: "state",
            from: runningWord(unit),
            to: wanted.started ? "running" : "stopped",
            cause,
          },
        ]
      : []),
  ];
}

const cause = "intent" as const;

/**
 * Has a running service not read a file since it was last written? No where that cannot be told: systemd before 248 has no such
 * timestamps, and a file from the future says nothing.
 */
export async function hasNotRead(host: ReadHost, unit: string, path: string): Promise<boolean> {
  const written = (await host.stat(path, { follow: true }))?.modified.getTime();
  if (written === undefined || written > host.now().getTime()) return false;
  const properties = "--property=ActiveState,ActiveEnterTimestamp";
  const argv = ["systemctl", "show", "--timestamp=us+utc", properties, "--", unit];
  const { code, stdout } = await host.query({ argv });
  const started = code === 0 ? startOf(stdout) : undefined;
  return started !== undefined && started < written;
}

/** `ActiveEnterTimestamp=Sat 2026-11-21 09:40:01.123456 UTC` in milliseconds, of what is active. */
export function startOf(shown: string): number | undefined {
  const [, day, time] =
    /^ActiveEnterTimestamp=\w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})\d* UTC$/m.exec(shown) ??
    [];
  if (!/^ActiveState=active$/m.test(shown) || day === undefined) return undefined;
  return Date.parse(`${day}T${time}Z`);
}

/** In the shape of a change: what such a service has in force. */
export const unread = {
  field: "loaded",
  from: "an older text",
  to: "as on disk",
  cause: "intent",
} as const;
