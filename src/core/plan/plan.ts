/**
 * What a plan says: which envoys × resources × attributes a publish would change, grouped by identical difference. The same
 * shape for people, `--json` and the wire. Types only.
 */
import type { Problem } from "../problem.ts";

/** In the order they are shown: what is taken away comes first. */
export const kinds = ["removed", "changed", "added", "reordered"] as const;

/** removed: leaves the policy of an envoy · reordered: the same resources, converged in another order. */
export type Kind = (typeof kinds)[number];

export interface PlannedAttribute {
  /** A parameter of the type, or a common attribute as it is written: `depends_on`. */
  readonly attribute: string;
  /** As text, cut to one line's worth; absent: not set. */
  readonly from?: string;
  readonly to?: string;
  /** The lines that differ, in place of `from` and `to`, where these have many. */
  readonly diff?: string;
  /** It is sensitive: that it differs is all that is said. */
  readonly hidden?: true;
  /** The values differ between these envoys; those of the first are shown. */
  readonly varies?: true;
}

export interface PlannedResource {
  /** `crate[item]/name[item]` */
  readonly key: string;
  readonly type: string;
  /** Nothing for what is removed. */
  readonly attributes: readonly PlannedAttribute[];
  /** How many differences were folded into this one; absent: one. */
  readonly variants?: number;
}

/** Resources that the same envoys see change. */
export interface PlannedGroup {
  readonly change: Kind;
  readonly envoys: number;
  /** Their names in order, a hundred at most. */
  readonly hostnames: readonly string[];
  /** By key, some hundreds at most. */
  readonly resources: readonly PlannedResource[];
  readonly resources_left_out: number;
}

/** An envoy for which the new policy cannot be resolved: it keeps what it has. */
export interface PlannedUnresolved {
  readonly envoy_id: string;
  readonly hostname: string;
  /** The version in force cannot be resolved for it either. */
  readonly as_before?: true;
  /** The first few. */
  readonly problems: readonly Problem[];
}

export interface Plan {
  readonly envoys: {
    readonly known: number;
    readonly changed: number;
    readonly unchanged: number;
    readonly unresolved: number;
  };
  /** Summed over envoys. */
  readonly resources: {
    readonly removed: number;
    readonly changed: number;
    readonly added: number;
  };
  readonly groups: readonly PlannedGroup[];
  readonly groups_left_out: number;
  /** By name, a hundred at most. */
  readonly unresolved: readonly PlannedUnresolved[];
}

/** Beyond these nobody reads on, and an answer must have an end. */
export const most = {
  groups: 200,
  resources: 300,
  attributes: 40,
  hostnames: 100,
  unresolved: 100,
  problems: 5,
  /** Different differences of one resource that are shown one by one. */
  variants: 5,
} as const;
