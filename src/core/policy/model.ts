/**
 * What goes into the policy pipeline and what comes out of it; each stage takes only the former one's result:
 * tree → documents → policy → resolution → body. Types only.
 */
import type { Json, JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import type { AnyResourceType } from "../resource.ts";
import type { AnyTraitType } from "../trait.ts";

/** A stacks tree in memory: paths relative to its root with `/`, in bytewise order of their components, and bytes. */
export interface Tree {
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Paths of secrets: all of them to guess from, and whether one is there. */
export type SecretNames = Pick<ReadonlySet<string>, "has"> & Iterable<string>;

/** What validation knows of the machine side. */
export interface Registries {
  readonly resources: readonly AnyResourceType[];
  readonly traits: readonly AnyTraitType[];
  /** Paths of all secrets there are; absent where nobody knows, and then none is missed. */
  readonly secrets?: SecretNames;
}

/** A place in a tree; line and column count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A value with the place it was written at, for problems that are found after parsing. */
export interface Placed<V> {
  readonly value: V;
  readonly place: Place;
}

/** The envoy a policy is resolved for. */
export interface Subject {
  /** UUID; `agent apply` uses one derived from the machine id. */
  readonly id: string;
  /** As enrolled, never as reported. */
  readonly hostname: string;
  /** By section name. A section that was never reported is missing. */
  readonly traits: Readonly<Record<string, Json>>;
}

/** One resource of one envoy, rendered, before the graph orders it. */
export interface ResolvedResource {
  /** `crate[item]/name[item]` */
  readonly key: string;
  readonly type: string;
  readonly params: JsonObject;
  /** What the server could not decide, the configcrate's condition included. `changed` alone: wait to be notified. */
  readonly when?: ResolvedCondition;
  /** Keys; already expanded from names, groups and configcrates; only resources of this envoy. */
  readonly needs: readonly Edge[];
  readonly notifies: readonly Edge[];
  readonly noop?: true;
  readonly revert?: true;
  readonly sensitive?: true;
  readonly timeout_ms?: number;
  readonly retries?: number;
  readonly place: Place;
}

export interface ResolvedCondition {
  readonly source: string;
  /** Only those the expression names. */
  readonly vars: { readonly [name: string]: Json };
}

export interface Edge {
  readonly key: string;
  /** Where it was written, for a cycle that must be explained. */
  readonly place: Place;
}

export interface Resolved {
  readonly kind: "resolved";
  /** In order of inclusion: stable for the same policy, and the very same array for envoys that resolve alike. */
  readonly resources: readonly ResolvedResource[];
  /** Where only a few of them are this envoy's own: put together when they are asked for. */
  readonly variant?: Variant;
  /** The same object for envoys whose resources have the same keys and edges in the same order. */
  readonly outline: object;
  readonly secrets: readonly string[];
  readonly environment?: string;
  readonly roles: readonly string[];
  readonly configcrates: readonly string[];
  /** Trait sections that this resolution has read: a change in them makes the envoy dirty. */
  readonly sectionsRead: readonly string[];
  readonly checkin: { readonly intervalMs?: number; readonly offlineThreshold?: string };
}

/** A list that is as another but for the parameters of a few resources: the names of hosts stand in them. */
export interface Variant {
  /** The very same array for all that vary it. */
  readonly first: readonly ResolvedResource[];
  /** By place in the list. */
  readonly others: ReadonlyMap<number, ResolvedResource>;
}

export interface Unresolved {
  readonly kind: "unresolved";
  readonly problems: readonly Problem[];
}

export type Resolution = Resolved | Unresolved;
