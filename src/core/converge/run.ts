/**
 * One convergence pass over a body: each resource in its turn, as the graph allows (docs/design/semantics.md §1–2).
 * Everything from outside comes as an interface: the machine, traits, records, the way to wait. Must not know where the
 * body came from, nor who is told how it ended.
 */
import type { Body, BodyResource } from "../bundle/body.ts";
import { asVigoError } from "../errors.ts";
import { type Walk, walk } from "../graph/walk.ts";
import type { Host } from "../host.ts";
import { CannotDecide } from "../policy/when/condition.ts";
import { decideOnEnvoy } from "../policy/when/decide-on-envoy.ts";
import {
  type AnyResourceType,
  type Claim,
  converge,
  type Outcome,
  type PendingRefreshes,
} from "../resource.ts";
import { attempts } from "./attempts.ts";
import { endedEarly } from "./ended-early.ts";
import { filter } from "./filter.ts";
import { limitedHost } from "./limited-host.ts";
import { inTurn } from "./in-turn.ts";
import { Learning } from "./learning.ts";
import { Notices } from "./notices.ts";
import { QuickChecks } from "./quick-checks.ts";
import { ownership } from "./ownership.ts";
import { blocked, intentOf, type Ready, ready, strictly } from "./ready.ts";
import type { RunOptions } from "./run-options.ts";
import { revertingOf } from "./reversals.ts";
import { Rehearsals } from "./rehearsal.ts";
import { RunSecrets } from "./secrets.ts";
import type { ResourceReport, RunReport } from "./report.ts";
import { reportOf, resourceReport } from "./summary.ts";

/** Rejects only when records cannot be kept, or for a filter that means nothing. */
export const runBody = async (body: Body, options: RunOptions): Promise<RunReport> =>
  new Run(body, options).run();

class Run {
  readonly #options: RunOptions;
  readonly #resources: readonly BodyResource[];
  readonly #types: ReadonlyMap<string, AnyResourceType>;
  readonly #secrets: RunSecrets;
  readonly #host: Host;
  readonly #notices: Notices;
  readonly #reports: ResourceReport[] = [];
  readonly #ready: Ready[] = [];
  readonly #intents: string[] = [];
  readonly #leftOut: (key: string) => string | undefined;
  readonly #learning: Learning;
  readonly #quick: QuickChecks | undefined;
  readonly #rehearsals: Rehearsals | undefined;

  constructor({ resources, secrets }: Body, options: RunOptions) {
    this.#options = options;
    this.#resources = resources;
    this.#secrets = new RunSecrets(secrets, options.secrets);
    this.#types = new Map(options.types.map((type) => [type.name, type]));
    this.#learning = new Learning(options.records);
    this.#leftOut = options.filter
      ? filter(
          resources.map(({ key }) => key),
          options.filter,
        )
      : () => undefined;
    this.#notices = new Notices(options.records, resources, (target) => this.#mayOwe(target));
    const owned = ownership(() => resources.map((_, index) => this.#readyAt(index)));
    const host: Host = { ...options.host, owned };
    this.#rehearsals = options.dryRun === true ? new Rehearsals(resources, host) : undefined;
    this.#host = this.#rehearsals?.host ?? host;
    const { program, protectedPaths, records, bodyDigest: body } = options;
    const by = [program, ...protectedPaths].join(" ");
    if (program !== undefined)
      this.#quick = new QuickChecks(this.#host, { by, body, before: records.looks() });
  }

  async run(): Promise<RunReport> {
    const started = performance.now();
    const startedAt = this.#host.now();
    if (this.#options.dryRun !== true) await this.#notices.forgetStrangers();
    await this.#quick?.ask((name) => this.#types.get(name));
    await this.#walk();
    if (this.#options.dryRun !== true) await this.#learn();
    return reportOf({
      dryRun: this.#options.dryRun === true,
      policyVersion: this.#options.policyVersion,
      startedAt,
      durationMs: performance.now() - started,
      resources: this.#reports,
      pendingRefreshes: this.#notices.pending,
    });
  }

  #walk(): Promise<void> {
    const types = this.#types;
    const nodes = this.#resources.map(({ type, needs, notifies }) => ({
      needs,
      notifies,
      // A type is loaded by that: only when its turn has come.
      get lane() {
        return types.get(type)?.lane;
      },
    }));
    const { concurrency = 4 } = this.#options;
    const steps = walk(nodes, { concurrency, atOnce: (index) => this.#endsAtOnce(index) });
    return inTurn(steps, (index) => this.#step(index, steps));
  }

  /** What has no condition and was not touched since it was right; waiting for it would cost more than looking. */
  #endsAtOnce(index: number): boolean {
    const resource = this.#at(index);
    const { key, when, noop } = resource;
    if (when !== undefined || this.#options.signal?.aborted === true) return false;
    if (this.#leftOut(key) !== undefined || !this.#isUntouched(index)) return false;
    // Nothing is known this way that holds a secret or changed, so there is nothing to hide, and nobody to notify.
    const report = resourceReport(resource, { outcome: "ok" }, 0);
    this.#reports[index] = report;
    if (noop !== true) this.#learning.enforced(key, this.#intentAt(index));
    this.#options.onResource?.(report);
    return true;
  }

  #isUntouched(index: number): boolean {
    if (this.#quick === undefined || this.#notices.isNotified(index)) return false;
    const intent = this.#quick.stillRight(this.#at(index).key, () => this.#intentAt(index));
    if (intent === undefined) return false;
    this.#intents[index] = intent;
    return true;
  }

  async #step(index: number, steps: Walk): Promise<void> {
    const started = performance.now();
    const outcome = await this.#turn(index);
    this.#end(index, outcome, performance.now() - started);
    const broken = ["failed", "blocked"].includes(outcome.outcome);
    for (const lost of steps.end(index, broken ? "broken" : "satisfied")) {
      const own = await this.#decide(lost.index);
      this.#end(lost.index, own ?? this.#needed(lost.because), 0);
    }
  }

  #needed(because: number): Outcome {
    const key = this.#resources[because]?.key;
    return {
      outcome: "skipped",
      reason: `needs ${key}, which ${this.#reports[because]?.outcome === "blocked" ? "is blocked" : "failed"}`,
    };
  }

  #end(index: number, outcome: Outcome, durationMs: number): void {
    const resource = this.#at(index);
    const quiet = this.#mayShow(index);
    const report = this.#secrets.redacted(resourceReport(resource, outcome, durationMs, quiet));
    this.#reports[index] = report;
    this.#notices.ended(index, outcome);
    this.#rehearsals?.ended(index, outcome);
    this.#remember(index, outcome);
    this.#options.onResource?.(report);
    if (outcome.outcome === "failed" && outcome.error !== undefined)
      this.#options.onError?.(resource.key, outcome.error);
  }

  /** Decides, makes ready, converges; a condition or a schema may end it before. */
  async #turn(index: number): Promise<Outcome> {
    if (this.#options.signal?.aborted === true) return { outcome: "skipped", reason: endedEarly };
    const decided = await this.#decide(index);
    if (decided !== undefined) return decided;
    const resource = this.#at(index);
    if (this.#isUntouched(index)) return { outcome: "ok" };
    const startedAt = this.#host.now().getTime();
    const found = await this.#openedAt(index);
    if (found.kind === "unfit") return found.outcome;
    const { type, params } = found;
    const once = () => {
      const host = limitedHost(this.#host, {
        timeoutMs: resource.timeout_ms,
        sensitive: resource.sensitive === true || this.#mayShow(index),
        confidential: this.#secrets.holds(resource),
      });
      return converge({
        type,
        params,
        host,
        ...this.#rehearsals?.of(index),
        dryRun: this.#options.dryRun === true || resource.noop === true,
        notified: this.#notices.isNotified(index),
        enforcedBefore: this.#learning.wasEnforced(resource.key, this.#intentAt(index)),
        refreshes: this.#refreshes(index),
        ...revertingOf(resource, type, this.#options.reversals, () => this.#intentAt(index)),
      });
    };
    const patience = { retries: resource.retries ?? 0, pause: this.#options.pause };
    const outcome = await attempts(once, patience);
    if (outcome.outcome !== "ok") this.#quick?.acted();
    else if (!this.#mayShow(index))
      await this.#quick?.right(resource.key, this.#intentAt(index), { type, params, startedAt });
    return outcome;
  }

  #refreshes(index: number): PendingRefreshes {
    return { owe: () => this.#notices.owe(index), paid: () => this.#notices.pay(index) };
  }

  /** How it ends without a turn; undefined when it is its turn. */
  async #decide(index: number): Promise<Outcome | undefined> {
    const { key, when } = this.#at(index);
    const out = this.#leftOut(key);
    if (out !== undefined) return { outcome: "skipped", reason: out };
    if (when === undefined) return undefined;
    try {
      const { envoy, trait, traitTypes: types } = this.#options;
      const notified = this.#notices.isNotified(index);
      const yes = await decideOnEnvoy(when, { envoy, host: this.#host, notified, trait, types });
      if (yes) return undefined;
      return { outcome: "skipped", reason: `its condition is false: ${when.source}` };
    } catch (error) {
      if (error instanceof CannotDecide)
        return { outcome: "blocked", changes: [], reason: `cannot decide: ${error.message}` };
      return { outcome: "failed", changes: [], reason: asVigoError(error).message, error };
    }
  }

  #shapeOf = (resource: BodyResource): string => intentOf(this.#secrets.named(resource));

  #claimsAt(index: number): readonly Claim[] {
    const found = this.#ready[index];
    return found?.kind === "ready" ? found.claims : [];
  }

  #mayShow(index: number): boolean {
    return this.#secrets.mayShow(this.#at(index), this.#claimsAt(index));
  }

  #readyAt(index: number): Ready {
    const [types, secrets, { protectedPaths }] = [this.#types, this.#secrets, this.#options];
    this.#ready[index] ??= ready(this.#at(index), { types, protectedPaths, secrets });
    return this.#ready[index];
  }

  /** As `readyAt`, with the secrets in place; without their values, as far as what is there now tells them. */
  async #openedAt(index: number): Promise<Ready> {
    const found = this.#readyAt(index);
    if (found.kind === "unfit" || found.shut === undefined) return found;
    const resource = this.#at(index);
    try {
      const shape = this.#shapeOf(resource);
      const params = await this.#secrets.recover(resource, shape, found.type, this.#host);
      if (params === undefined) return blocked(found.shut);
      return strictly(found.type, params, this.#options.protectedPaths);
    } catch (error) {
      const { message: reason } = asVigoError(error);
      return { kind: "unfit", outcome: { outcome: "failed", changes: [], reason, error } };
    }
  }

  /** Only what can be refreshed is owed it; an unknown type may be known after an update. */
  #mayOwe(target: number): boolean {
    const resource = this.#at(target);
    const type = this.#types.get(resource.type);
    if (resource.noop === true || resource.revert === true) return false;
    return type === undefined || type.refresh !== undefined;
  }

  #intentAt(index: number): string {
    const resource = this.#at(index);
    this.#intents[index] ??= this.#secrets.intent(resource, this.#shapeOf(resource));
    return this.#intents[index];
  }

  #remember(index: number, outcome: Outcome): void {
    const resource = this.#at(index);
    const { key } = resource;
    const enforced =
      outcome.outcome === "ok" || (outcome.outcome === "changed" && outcome.changes.length > 0);
    if (enforced && resource.noop !== true) {
      this.#learning.enforced(key, this.#intentAt(index));
      if (this.#mayShow(index))
        this.#secrets.enforced(resource, this.#shapeOf(resource), this.#claimsAt(index));
    }
    const untouched = this.#leftOut(key) !== undefined || this.#options.signal?.aborted === true;
    if (outcome.outcome === "skipped" && !untouched) this.#learning.skipped(key);
  }

  async #learn(): Promise<void> {
    await this.#secrets.keep();
    await this.#learning.keep(
      this.#resources.map(({ key }) => key),
      this.#quick?.looks(),
    );
  }

  #at(index: number): BodyResource {
    const resource = this.#resources[index];
    if (resource === undefined) throw new Error(`no resource ${index} in a body`);
    return resource;
  }
}
