/**
 * Files that somebody has to be told of before they count: a kernel, a boot loader, a service. Who was stopped between the two has
 * noted it, so that the next run tells them. Must not know whom, nor how.
 */
import type { Host, ReadHost } from "../host.ts";
import { unread } from "./unit.ts";

/** What an earlier run has written about a claim and told nobody. */
export async function untold(host: ReadHost, claim: string): Promise<readonly (typeof unread)[]> {
  return (await host.noted?.(claim)) === undefined ? [] : [unread];
}

/** Writes, then tells; what could not be told is to be told by the next run. */
export async function writtenAndTold(
  host: Host,
  claim: string,
  write: () => Promise<void>,
  tell: () => Promise<void>,
): Promise<void> {
  await host.note?.(claim, "written, and not told");
  await write();
  await tell();
  await host.note?.(claim, undefined);
}
