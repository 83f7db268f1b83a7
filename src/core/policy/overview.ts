/**
 * Who gets what, as the text has it: each hostcrate in the order they are tried, with what it brings in and why. Must not know
 * hosts: conditions are not decided, and of a role's `case:` all cases are shown.
 */
import { assemble, familiesOf } from "./assembly.ts";
import type { Place } from "./model.ts";
import type { Policy } from "./policy.ts";

export interface Overview {
  readonly hostcrates: readonly OverviewBlock[];
  /** Included by none of them. */
  readonly idle: readonly string[];
}

export interface OverviewBlock {
  readonly place: Place;
  /** Empty: any name. */
  readonly match: readonly string[];
  readonly where?: string;
  readonly environment?: string;
  readonly roles: readonly string[];
  readonly crates: readonly OverviewCrate[];
}

export interface OverviewCrate {
  /** A usercrate begins with `~`. */
  readonly name: string;
  readonly place: Place;
  /** What brought it in: "role web (hostcrate)". */
  readonly because: string;
  /** Only where `os.family` is this. */
  readonly family?: string;
  readonly resources: number;
}

export function overviewOf({ declared }: Policy): Overview {
  const hostcrates = declared.hostcrates.map((hostcrate): OverviewBlock => {
    const plain = assemble(declared, hostcrate, undefined);
    const others = familiesOf(plain.roles).flatMap((family) => {
      const { crates, because } = assemble(declared, hostcrate, family);
      return crates
        .filter((crate) => !plain.crates.includes(crate))
        .map((crate) => ({ crate, because, family }));
    });
    const all = [...plain.crates.map((crate) => ({ crate, because: plain.because })), ...others];
    return {
      place: hostcrate.place,
      match: hostcrate.match.map(({ value }) => value),
      ...(hostcrate.where === undefined ? {} : { where: hostcrate.where.source }),
      ...(plain.environment === undefined ? {} : { environment: plain.environment }),
      roles: plain.roles.map(({ name }) => name),
      crates: all.map(({ crate, because, ...family }) => ({
        name: crate.name,
        place: crate.place,
        because: because.get(crate.name) ?? "",
        ...family,
        resources: crate.resources.length,
      })),
    };
  });
  const used = new Set(hostcrates.flatMap(({ crates }) => crates.map(({ name }) => name)));
  return { hostcrates, idle: [...declared.configcrates.keys()].filter((name) => !used.has(name)) };
}
