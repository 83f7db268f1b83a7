/**
 * One pass over a body: what may start is started, each resource once, and what came of it told in the order of the body
 * (docs/design/semantics.md §1). Must not know how a body came here, where records are kept, nor who reads the report.
 */
import type { Body, BodyResource } from "../bundle/body.ts";
import { asVigoError } from "../errors.ts";
import { type WalkNode, walk } from "../graph/walk.ts";
import type { Host } from "../host.ts";
import type { Json } from "../json.ts";
import { CannotDecide } from "../policy/when/condition.ts";
import { decideOnEnvoy } from "../policy/when/decide-on-envoy.ts";
import { type AnyResourceType, converge, isAction, type Outcome } from "../resource.ts";
import type { AnyTraitType } from "../trait.ts";
import { withDeadline } from "./deadline.ts";
import { ownership, prepare, type Ready, type Unfit } from "./prepare.ts";
import type { Records } from "./records.ts";
import type { OutcomeName, ResourceReport, RunReport } from "./report.ts";

export interface RunOptions {
  readonly resources: readonly AnyResourceType[];
  readonly traits: readonly AnyTraitType[];
  /** Makes the machine, told what this run owns. */
  readonly host: (owned: (id: string) => boolean) => Host;
  readonly envoy: { readonly id: string; readonly hostname: string };
  /** One section of traits, collected in this run; asked only for what conditions read. */
  readonly trait: (section: string, host: Host) => Promise<Json | undefined>;
  readonly records: Records;
  readonly dryRun: boolean;
  readonly policyVersion: number;
  /** Never goes back; in milliseconds. */
  readonly monotonicMs: () => number;
  /** Resources left out by name are not touched and not reported; their edges count as satisfied. */
  readonly selected?: (key: string) => boolean;
  /** Paths no resource may touch, beside the usual ones. */
  readonly protectedPaths: readonly string[];
  /** How many resources at once (d: 8). */
  readonly concurrency?: number;
  /** Told as each resource ends, for progress and for logs. */
  readonly ended?: (report: ResourceReport, error: unknown) => void;
  /** Ends the run before its next resource; what has begun is finished. */
  readonly signal?: AbortSignal;
}

export const runBody = (body: Body, options: RunOptions): Promise<RunReport> =>
  new Run(body, options).go();

class Run {
  readonly #body: Body;
  readonly #options: RunOptions;
  readonly #prepared: readonly (Ready | Unfit)[];
  readonly #host: Host;
  readonly #notified = new Set<number>();
  readonly #reports = new Map<number, ResourceReport>();
  readonly #traits = new Map<string, Promise<Json | undefined>>();

  constructor(body: Body, options: RunOptions) {
    this.#body = body;
    this.#options = options;
    const types = new Map(options.resources.map((type) => [type.name, type]));
    this.#prepared = body.resources.map((one) => prepare(one, types, options.protectedPaths));
    this.#host = options.host(ownership(this.#prepared));
    const owed = options.records.owed();
    for (const [index, { key }] of body.resources.entries())
      if (owed.has(key)) this.#notified.add(index);
  }

  async go(): Promise<RunReport> {
    const startedAt = this.#host.now();
    const started = this.#options.monotonicMs();
    await this.#walk();
    await this.#forgive();
    const reports = [...this.#reports].sort(([a], [b]) => a - b).map(([, report]) => report);
    const counts = countsOf(reports);
    return {
      outcome: outcomeOf(counts),
      dry_run: this.#options.dryRun,
      policy_version: this.#options.policyVersion,
      started_at: startedAt.toISOString(),
      duration_ms: Math.round(this.#options.monotonicMs() - started),
      counts,
      resources: reports,
      pending_refreshes: [...this.#options.records.owed()].sort(),
    };
  }

  async #walk(): Promise<void> {
    const { signal, concurrency = 8 } = this.#options;
    const steps = walk(this.#nodes(), { concurrency });
    const running = new Map<number, Promise<number>>();
    while (!steps.done) {
      if (signal?.aborted !== true)
        for (const index of steps.start())
          running.set(
            index,
            this.#take(index).then(() => index),
          );
      if (running.size === 0) return;
      const index = await Promise.race(running.values());
      running.delete(index);
      this.#notify(index);
      for (const { index: lost, because } of steps.end(
        index,
        this.#isBroken(index) ? "broken" : "satisfied",
      ))
        this.#skip(lost, because);
    }
  }

  /** Refreshes owed to what policy no longer has would be owed for ever. */
  async #forgive(): Promise<void> {
    const { records, dryRun, selected } = this.#options;
    if (dryRun || selected !== undefined) return;
    const keys = new Set(this.#body.resources.map(({ key }) => key));
    for (const key of [...records.owed()]) if (!keys.has(key)) await records.paid(key);
  }

  #nodes(): readonly WalkNode[] {
    return this.#body.resources.map(({ needs, notifies }, index) => {
      const prepared = this.#prepared[index];
      return { needs, notifies, lane: prepared?.kind === "ready" ? prepared.type.lane : undefined };
    });
  }

  #isSelected({ key }: BodyResource): boolean {
    return this.#options.selected?.(key) !== false;
  }

  #isBroken(index: number): boolean {
    const outcome = this.#reports.get(index)?.outcome;
    return outcome === "failed" || outcome === "blocked";
  }

  /** A change tells its listeners; in a dry run of the whole, what would change does. What is `noop` tells nobody. */
  #notify(index: number): void {
    const resource = this.#body.resources[index];
    const outcome = this.#reports.get(index)?.outcome;
    const tells = outcome === "changed" || (outcome === "pending" && resource?.noop !== true);
    if (tells) for (const target of resource?.notifies ?? []) this.#notified.add(target);
  }

  #skip(index: number, because: number): void {
    const resource = this.#body.resources[index];
    if (resource === undefined || !this.#isSelected(resource)) return;
    const needed = this.#body.resources[because]?.key ?? "";
    const ended = this.#reports.get(because)?.outcome ?? "failed";
    this.#tell(
      index,
      { outcome: "skipped", reason: `needs ${needed}, which ${endedAs[ended]}` },
      0,
    );
  }

  async #take(index: number): Promise<void> {
    const resource = this.#body.resources[index];
    const prepared = this.#prepared[index];
    if (resource === undefined || prepared === undefined || !this.#isSelected(resource)) return;
    const started = this.#options.monotonicMs();
    const outcome =
      prepared.kind === "unfit"
        ? prepared.outcome
        : await this.#turn(index, resource, prepared).catch(broken);
    this.#tell(index, outcome, Math.round(this.#options.monotonicMs() - started));
  }

  async #turn(index: number, resource: BodyResource, ready: Ready): Promise<Outcome> {
    const undecided = await this.#decide(index, resource);
    if (undecided !== undefined) return undecided;
    const { dryRun, records } = this.#options;
    const quiet = dryRun || resource.noop === true;
    const { type, params, digest } = ready;
    const targets = this.#listeners(resource);
    const attempt = () =>
      converge({
        type,
        params,
        host: this.#hostFor(resource),
        dryRun: quiet,
        notified: this.#notified.has(index),
        enforcedBefore: records.enforced(resource.key) === digest,
        refreshes: {
          owe: async () => {
            if (targets.length > 0) await records.owe(targets, resource.key);
          },
          paid: () => records.paid(resource.key),
        },
      });
    let outcome = await attempt();
    for (
      let left = quiet ? 0 : (resource.retries ?? 0);
      left > 0 && outcome.outcome === "failed";
      left--
    )
      outcome = await attempt();
    this.#record(resource, ready, outcome, quiet);
    return outcome;
  }

  /** Keys of those whom a change of it refreshes. */
  #listeners({ notifies = [] }: BodyResource): readonly string[] {
    return notifies.flatMap((target) => {
      const prepared = this.#prepared[target];
      const refreshes = prepared?.kind === "ready" && prepared.type.refresh !== undefined;
      return refreshes ? (this.#body.resources[target]?.key ?? []) : [];
    });
  }

  /** Undefined: it is its turn. */
  async #decide(index: number, { key, when }: BodyResource): Promise<Outcome | undefined> {
    if (when === undefined) return undefined;
    const { envoy, traits, dryRun } = this.#options;
    try {
      const is = await decideOnEnvoy(when, {
        envoy,
        host: this.#host,
        notified: this.#notified.has(index),
        trait: (section) => this.#trait(section),
        types: traits,
      });
      if (is) return undefined;
      if (!dryRun) await this.#leave(key);
      return { outcome: "skipped", reason: `its condition is false: ${when.source}` };
    } catch (error) {
      if (!(error instanceof CannotDecide)) throw error;
      return { outcome: "blocked", changes: [], reason: `cannot decide: ${error.message}` };
    }
  }

  /** Its own condition says it is not to be: no record, and no refresh that waits for it. */
  async #leave(key: string): Promise<void> {
    const { records } = this.#options;
    records.remember(key, undefined);
    if (records.owed().has(key)) await records.paid(key);
  }

  #trait(section: string): Promise<Json | undefined> {
    const known = this.#traits.get(section);
    if (known !== undefined) return known;
    const asked = this.#options.trait(section, this.#host);
    this.#traits.set(section, asked);
    return asked;
  }

  #hostFor({ timeout_ms: limit }: BodyResource): Host {
    return limit === undefined
      ? this.#host
      : withDeadline(this.#host, limit, this.#options.monotonicMs);
  }

  /** Only what is proven: a failed attempt leaves the record as it was, so that the next success is still intent. */
  #record({ key }: BodyResource, ready: Ready, { outcome }: Outcome, quiet: boolean): void {
    if (quiet || isAction(ready.type, ready.params)) return;
    if (outcome === "ok" || outcome === "changed")
      this.#options.records.remember(key, ready.digest);
  }

  #tell(index: number, outcome: Outcome, durationMs: number): void {
    const { key = "", type = "" } = this.#body.resources[index] ?? {};
    const report: ResourceReport = {
      key,
      type,
      outcome: outcome.outcome,
      changes: "changes" in outcome ? outcome.changes : [],
      ...("reason" in outcome && outcome.reason !== undefined ? { reason: outcome.reason } : {}),
      duration_ms: durationMs,
    };
    this.#reports.set(index, report);
    this.#options.ended?.(report, "error" in outcome ? outcome.error : undefined);
  }
}

/** What is thrown outside of a type's own code is a bug of ours: it costs this resource, and the run goes on. */
const broken = (error: unknown): Outcome => ({
  outcome: "failed",
  changes: [],
  reason: asVigoError(error).message,
  error,
});

const endedAs: Readonly<Record<OutcomeName, string>> = {
  ok: "is ok",
  changed: "changed",
  pending: "is pending",
  skipped: "was skipped",
  failed: "failed",
  blocked: "is blocked",
};

function countsOf(reports: readonly ResourceReport[]): RunReport["counts"] {
  const counts = { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 };
  for (const { outcome } of reports) counts[outcome]++;
  return counts;
}

function outcomeOf({
  failed,
  blocked,
  changed,
  pending,
}: RunReport["counts"]): RunReport["outcome"] {
  if (failed + blocked > 0) return "failed";
  if (pending > 0) return "pending";
  return changed > 0 ? "changed" : "ok";
}
