/** How far the replacement of the CA is. Must not know how it was asked for. */
import type { Rotation } from "../../../core/api/ca.ts";
import { relative } from "./moment.ts";
import { facts } from "./table.ts";
import { visible } from "./text.ts";

export function printRotation({ ca, next, ...rest }: Rotation, now: Date): string {
  const { moved, waiting, waiting_envoys: envoys } = rest;
  const ended = (moment: string) => `ends ${relative(moment, now)} (${moment})`;
  const rows = envoys.map(
    ({ hostname, id, last_seen_at: seen }) =>
      ["waits", `${visible(hostname)} (${id}), seen ${relative(seen, now)}`] as const,
  );
  return facts([
    ["CA", ca.fingerprint],
    ["", ended(ca.expires_at)],
    ["next CA", next?.fingerprint],
    ["", next && ended(next.expires_at)],
    ["know them", `${moved} of ${moved + waiting} envoys`],
    ...rows,
    ["", waiting > envoys.length ? `and ${waiting - envoys.length} more` : undefined],
    ["then", next && "vigo cli server drop-ca"],
  ]);
}
