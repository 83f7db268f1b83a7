/**
 * What keeps the agent running on this machine, whatever its init is: systemd, launchd, or the service manager of Windows. Must
 * not know how a machine enrols.
 */
import type { Host } from "../../../core/host.ts";
import { launchdService } from "./launchd.ts";
import { systemdService } from "./systemd.ts";
import { windowsService } from "./windows.ts";

export interface Service {
  /** As people here call it. */
  readonly name: string;
  /** The command that shows what it does. */
  readonly shown: (lines: number, follow: boolean) => readonly string[];
  isInstalled(): Promise<boolean>;
  /** Puts the program where it belongs; running it again updates both in place. Not started: it begins with the machine. */
  install(start: boolean): Promise<void>;
  remove(): Promise<void>;
}

type Asked = Pick<Host, "os" | "run" | "query">;

const kinds: Readonly<Record<string, (host: Asked, home: string) => Service>> = {
  systemd: systemdService,
  launchd: launchdService,
  windows: windowsService,
};

/** Of the agent that has its files in this home. Undefined where the machine has neither of the three. */
export const serviceOf = (host: Asked, home: string): Service | undefined =>
  kinds[host.os.init]?.(host, home);

/** Why this machine cannot have the service; undefined where it can. */
export function cannotInstall(host: Pick<Host, "os">): string | undefined {
  if (!(host.os.init in kinds))
    return `there is no systemd, launchd or service manager of Windows here (${host.os.init})`;
  const isRoot = process.getuid === undefined || process.getuid() === 0;
  return isRoot ? undefined : "it takes root";
}
