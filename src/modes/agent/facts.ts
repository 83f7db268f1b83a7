/** What tells this machine, and this boot of it, from all others. Must not know who is told. */
import { readFileSync } from "node:fs";
import { hostname as systemHostname } from "node:os";
import { sha256Hex } from "../../core/pki/keys.ts";

export interface MachineFacts {
  readonly hostname: string;
  readonly machineId: string;
  readonly bootId: string;
}

export const machineFacts = (): MachineFacts => ({
  hostname: systemHostname().toLowerCase(),
  machineId: firstOf(["/etc/machine-id", "/var/lib/dbus/machine-id"]) ?? systemHostname(),
  bootId: firstOf(["/proc/sys/kernel/random/boot_id"]) ?? "unknown",
});

/** An identity for a machine that never enrolled: stable, in the form of a UUID (RFC 9562 §5.8). */
export function localEnvoyId(machineId: string): string {
  const hex = sha256Hex(`vigo.local-envoy\0${machineId}`);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join("-");
}

/** Small files that may be absent; the first with something in it. */
function firstOf(files: readonly string[]): string | undefined {
  for (const file of files) {
    const text = readIfThere(file)?.trim();
    if (text !== undefined && text !== "") return text;
  }
  return undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
