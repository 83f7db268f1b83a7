/**
 * Publishing as the server does it, for those who are not on its host: the same gates as the CLI's, then the same swap. One at a
 * time, because a tree in the making takes memory. Must not know HTTP.
 */
import { readFileSync } from "node:fs";
import files from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import type { Registries, Subject, Tree } from "../../../core/policy/model.ts";
import type { Policy } from "../../../core/policy/policy.ts";
import type { Validation } from "../../../core/policy/validate.ts";
import type { Plan } from "../../../core/plan/plan.ts";
import { planOf } from "../../../core/plan/planning.ts";
import { unsetIn } from "../../../core/plan/unset.ts";
import type { Web } from "../../../core/publish/ask-url.ts";
import { holderOfThisProcess } from "../../../core/publish/holder.ts";
import { type Published, type Publication, publishTree } from "../../../core/publish/publish.ts";
import { restoring, versionToRestore } from "../../../core/publish/rollback.ts";
import { overBudget, type PublishSettings } from "../../../core/publish/settings.ts";
import { checkUrls } from "../../../core/publish/url-gate.ts";
import type { Part, Works } from "../works.ts";
import type { WorkName } from "../../../core/api/server.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Store } from "../store/store.ts";
import type { Chronicle } from "./chronicle.ts";
import { type Chosen, chosenBy } from "./cohort.ts";
import type { LivePolicy } from "./live.ts";
import { OldAgents } from "./old-agents.ts";
import { planFor, subjectsOf, withPauses } from "./plan.ts";

export interface PublishingOptions {
  readonly home: string;
  readonly registries: Registries;
  readonly settings: PublishSettings;
  readonly web: Web;
  readonly policy: LivePolicy;
  readonly fleet: Fleet;
  readonly store: Pick<Store, "traits">;
  readonly chronicle: Chronicle;
  readonly works: Works;
}

/** Whom a plan is for; undefined: the fleet. */
export type PlanScope = { readonly host: string } | { readonly as: Subject } | undefined;

interface Consent {
  /** Although the change budget is exceeded. */
  readonly yes: boolean;
  /** Addresses are not asked whether they answer. */
  readonly skipUrls: boolean;
}

const holder = holderOfThisProcess((path) => readFileSync(path, "utf8"));

export class Publishing {
  readonly #options: PublishingOptions;
  readonly #oldAgents: OldAgents;
  #busy = false;
  /** Of the work that is under way. */
  #part: Part = () => {};

  constructor(options: PublishingOptions) {
    this.#options = options;
    this.#oldAgents = new OldAgents(options);
  }

  plan = (tree: Tree, scope: PlanScope, askUrls: boolean) =>
    this.#alone("plan", async () => {
      await this.#options.policy.reload();
      const compiled = await this.#compiled(tree);
      const { policy, ...findings } = askUrls ? await this.#asked(compiled) : compiled;
      const against = this.#options.policy.edition?.manifest.version;
      const common = { ...findings, ...(against === undefined ? {} : { against }) };
      if (policy === undefined || findings.problems.length > 0) return { ...common, over: [] };
      const plan = await this.#plan(policy, scope);
      const over = scope === undefined ? overBudget(plan, this.#options.settings) : [];
      const warnings = [...findings.warnings, ...(await this.#oldAgents.warnings(policy))];
      return { ...common, warnings, plan, over };
    });

  publish = (publication: Publication, { yes, skipUrls }: Consent) =>
    this.#alone("publish", async () => {
      await this.#options.policy.reload();
      const compiled = await this.#compiled(publication.tree);
      const { policy, ...refused } = skipUrls ? compiled : await this.#asked(compiled);
      if (policy === undefined || refused.problems.length > 0)
        return { outcome: "refused" as const, ...refused, over: [] };
      const warnings = [...refused.warnings, ...(await this.#oldAgents.warnings(policy))];
      const findings = { problems: refused.problems, warnings };
      const plan = await this.#plan(policy, undefined);
      const unset = unsetIn(plan);
      if (unset.length > 0)
        return { outcome: "refused" as const, ...findings, problems: unset, over: [] };
      const over = overBudget(plan, this.#options.settings);
      if (over.length > 0 && !yes) return { outcome: "over_budget" as const, ...findings, over };
      const published = await this.#swap(publication);
      return { ...told(published), ...findings, over };
    });

  /** The envoys that a condition chooses now. */
  cohort = (where: string): Promise<Chosen> => {
    const { fleet, store, registries } = this.#options;
    return chosenBy(where, subjectsOf(fleet.list(), store.traits), registries);
  };

  /** What ran before needs no budget, and keeps running although a newer server finds fault with it. */
  rollback = (
    asked: number | undefined,
    who: Parameters<typeof restoring>[1] & { force?: string },
  ) =>
    this.#alone("rollback", async () => {
      const target = await versionToRestore(files, this.#options.home, asked);
      const { policy, problems } = await this.#compiled(target.tree);
      if (policy === undefined) throw unusable(target.manifest.version, problems[0]?.message);
      const done = await this.#swap(restoring(target, who));
      if (done.kind === "unchanged")
        throw new VigoError("conflict", `version ${done.version} has this content already`);
      const { version, digest } = done.manifest;
      return { version, digest, restored: target.manifest.version };
    });

  async #swap(publication: Publication): Promise<Published> {
    const { home, settings, policy, chronicle } = this.#options;
    this.#part("putting it into force");
    const published = await publishTree(
      files,
      home,
      { ...publication, keep: settings.keep },
      holder,
    );
    await policy.reload();
    await chronicle.write();
    return published;
  }

  async #compiled(tree: Tree): Promise<Validation> {
    const { workshop } = this.#options.policy;
    this.#part("checking the tree");
    const { policy, problems, warnings } = await workshop.examine(tree, (step) =>
      this.#part(step.part, () => step),
    );
    return { ...(policy && { policy }), problems, warnings };
  }

  /** With what is to be said of the addresses in it. */
  async #asked(compiled: Validation): Promise<Validation> {
    const { web, settings, policy: live } = this.#options;
    const { policy, problems, warnings } = compiled;
    if (policy === undefined) return compiled;
    const share = { done: 0, all: 0 };
    this.#part("asking addresses", () => share);
    const before = async () => live.edition?.policy;
    const hosts = () => withPauses(subjectsOf(this.#envoys(undefined), this.#options.store.traits));
    const asked = await checkUrls(policy, before, hosts, {
      web,
      allow: settings.url_allow,
      asked: (done, all) => Object.assign(share, { done, all }),
    });
    return {
      policy,
      problems: [...problems, ...asked.problems],
      warnings: [...warnings, ...asked.warnings],
    };
  }

  async #plan(after: Policy, scope: PlanScope): Promise<Plan> {
    const { registries, policy: live, store } = this.#options;
    if (scope !== undefined && "as" in scope)
      return planOf(live.edition?.policy, after, [scope.as], registries);
    const envoys = this.#envoys(scope?.host);
    const share = { done: 0, all: envoys.length };
    this.#part("looking at envoys", () => share);
    return planFor({ live, after, registries, envoys, traits: store.traits }, () => {
      share.done++;
    });
  }

  #envoys(host: string | undefined) {
    const all = [...this.#options.fleet.list()];
    if (host === undefined) return all;
    const name = host.toLowerCase();
    const found = all.filter(({ row }) => row.revokedAt === undefined && row.hostname === name);
    if (found.length === 0)
      throw new VigoError("missing", `no envoy ${host}`, {
        hint: "--as hostname=NAME,traits=FILE plans for a machine that does not exist",
      });
    return found;
  }

  async #alone<T>(what: WorkName, work: () => Promise<T>): Promise<T> {
    if (this.#busy)
      throw new VigoError("conflict", "another plan or publish is being worked on", {
        hint: "try again in a moment",
      });
    this.#busy = true;
    try {
      return await this.#options.works.during(what, (part) => {
        this.#part = part;
        return work();
      });
    } finally {
      this.#busy = false;
    }
  }
}

const told = (published: Published) =>
  published.kind === "unchanged"
    ? { outcome: "unchanged" as const, version: published.version }
    : {
        outcome: "published" as const,
        version: published.manifest.version,
        digest: published.manifest.digest,
      };

const unusable = (version: number, why = "unknown") =>
  new VigoError("failed", `version ${version} cannot be used by this server: ${why}`, {
    hint: "choose another: vigo cli config history",
  });
