/** Where the daemon's log is, when a service has started it. Must not know how it is shown. */
import { VigoError } from "../../core/errors.ts";
import type { Service } from "./service/service.ts";

export interface LogWish {
  readonly lines: number;
  readonly follow: boolean;
}

/** The command that shows it. Rejects with `missing` where there is no service. */
export async function logCommand(
  service: Pick<Service, "isInstalled" | "shown"> | undefined,
  { lines, follow }: LogWish,
): Promise<readonly string[]> {
  if (service !== undefined && (await service.isInstalled())) return service.shown(lines, follow);
  throw new VigoError("missing", "no service of the agent is installed here", {
    hint: "a daemon that was started by hand logs on its stderr: vigo agent daemon 2>FILE",
  });
}
