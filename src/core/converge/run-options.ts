/** What a run is given from outside: the machine, traits, records, the way to wait. Types only. Must not know how they are used. */
import type { Host } from "../host.ts";
import type { Json } from "../json.ts";
import type { AnyResourceType } from "../resource.ts";
import type { AnyTraitType } from "../trait.ts";
import type { Filter } from "./filter.ts";
import type { RunRecords } from "./records.ts";
import type { Reversals } from "./reversals.ts";
import type { ResourceReport } from "./report.ts";
import type { SecretAccess } from "./secrets.ts";

export interface RunOptions {
  readonly types: readonly AnyResourceType[];
  readonly host: Host;
  readonly envoy: { readonly id: string; readonly hostname: string };
  /** 0 where no server published it. */
  readonly policyVersion: number;
  readonly records: RunRecords;
  readonly reversals: Reversals;
  /** Which program this is; what it found right is checked in full again by another one, or always when left out. */
  readonly program?: string;
  /** Digest of the body, from whoever has made sure of it: of the same body, parameters need not be compared. */
  readonly bodyDigest?: string;
  /** Paths of Vigo that no resource may touch. */
  readonly protectedPaths: readonly string[];
  readonly traitTypes: readonly AnyTraitType[];
  /** As collected in this run; asked for what conditions read. */
  trait(section: string): Promise<Json | undefined>;
  readonly dryRun?: boolean;
  readonly filter?: Filter;
  /** What it takes where the body names secrets. */
  readonly secrets?: SecretAccess;
  /** Resources under way at the same time (d: 4). */
  readonly concurrency?: number;
  /** Told of each resource as it ends, in no order. */
  onResource?(report: ResourceReport): void;
  /** What was thrown where a resource failed, for the log; never part of a report. */
  onError?(key: string, error: unknown): void;
  /** Waits between attempts; ends early, with false, when the run is to end. */
  pause(ms: number): Promise<boolean>;
  /** Once aborted, no further resource begins. */
  readonly signal?: AbortSignal;
}
