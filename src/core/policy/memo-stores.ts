/**
 * What is kept of the configcrates that were rendered for hosts, policy after policy: one that has not changed is the very same
 * object in the next. Must not know how they are rendered.
 */
import type { JsonObject } from "../json.ts";
import type { Aging } from "./aging.ts";
import type { Assembly } from "./assembly.ts";
import type { Decision } from "./decisions.ts";
import type { Lookup } from "./declared.ts";
import { Listing, type Numbered } from "./listing.ts";
import type { ReadyCrate } from "./policy.ts";
import type { Instance, Shared } from "./render.ts";

/** A configcrate as the hosts of one assembly see it. */
export interface Seen {
  readonly vars: JsonObject;
  /** What it reads of the rest. */
  readonly lookups: readonly (readonly [name: string, lookup: Lookup])[];
  readonly renderings: Renderings;
}

/** Of one configcrate with the same vars, whatever the assembly. */
export interface Renderings {
  /** By what else they depend on. */
  readonly all: Map<string, Numbered>;
  /** Where resources name their host, by all the rest that they depend on: as the first host had them. */
  readonly firsts: Map<string, Numbered>;
  /** Resources that only vars decide, by whether the configcrate's condition travels and what was looked up. */
  readonly shared: Map<string, Shared>;
  /** Where nothing of a host matters there is but one. */
  only: Numbered | undefined;
}

/** What is known of configcrates, whatever the policy: one that has not changed is the very same object in the next. */
export interface Stores {
  readonly seen: WeakMap<Assembly, WeakMap<ReadyCrate, Seen>>;
  readonly renderings: WeakMap<ReadyCrate, Aging<Renderings>>;
  readonly sections: Map<string, readonly string[]>;
  readonly shapes: Map<string, number>;
  readonly faces: WeakMap<Instance, number>;
  readonly crates: WeakMap<ReadyCrate, number>;
  readonly listing: Listing;
  /** Renderings that are for some hosts alone. */
  held: Set<Renderings>;
  holds: number;
  /** Renderings made since the stores were last turned. */
  fresh: number;
  made: number;
}

export const newStores = (): Stores => ({
  seen: new WeakMap(),
  renderings: new WeakMap(),
  sections: new Map(),
  shapes: new Map(),
  faces: new WeakMap(),
  crates: new WeakMap(),
  listing: new Listing(),
  held: new Set(),
  holds: 0,
  fresh: 0,
  made: 0,
});

/**
 * Before a policy that goes on with them. As soon as as much was made as a policy has configcrates, what no policy has asked for in
 * all that time goes: a var of the whole fleet, changed again and again, leaves nothing behind, and small changes find the rest.
 */
export function turn(stores: Stores, crates: ReadonlyMap<string, ReadyCrate>): void {
  if (stores.fresh < crates.size) return;
  stores.fresh = 0;
  stores.listing.turn();
  const left = new Set<Renderings>();
  for (const crate of crates.values()) {
    const renderings = stores.renderings.get(crate);
    renderings?.turn();
    for (const each of renderings?.values() ?? []) if (stores.held.has(each)) left.add(each);
  }
  stores.held = left;
  stores.holds = 0;
  for (const { all, firsts } of left) stores.holds += all.size + firsts.size;
}

export function sharedIn({ shared }: Renderings, decision: Decision, lookedUp: string): Shared {
  const key = `${decision} ${lookedUp}`;
  const known = shared.get(key) ?? [];
  shared.set(key, known);
  return known;
}

export const newRenderings = (): Renderings => ({
  all: new Map(),
  firsts: new Map(),
  shared: new Map(),
  only: undefined,
});
