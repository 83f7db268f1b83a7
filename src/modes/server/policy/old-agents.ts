/**
 * Which envoys run an agent that does not know what a policy has for them: their resources will be blocked until it is updated
 * (semantics §5, "Old agents"). Must not know HTTP, nor how agents tell what they know.
 */
import { type Knowledge, type Lack, lacksOf } from "../../../core/bundle/knowledge.ts";
import { Findings } from "../../../core/policy/findings.ts";
import type { Registries, ResolvedResource, Subject } from "../../../core/policy/model.ts";
import type { Policy } from "../../../core/policy/policy.ts";
import { resolve } from "../../../core/policy/resolve.ts";
import type { Problem } from "../../../core/problem.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Store } from "../store/store.ts";
import { subjectsOf, withPauses } from "./plan.ts";

export interface OldAgentsOptions {
  readonly fleet: Pick<Fleet, "list" | "get" | "knowledge">;
  readonly store: Pick<Store, "traits">;
  readonly registries: Pick<Registries, "traits">;
}

/** Envoys of one version that lack the same thing. */
interface Party {
  readonly version: string;
  /** Of the first of them. */
  readonly lack: Lack;
  readonly hostnames: string[];
}

const namesShown = 5;

export class OldAgents {
  readonly #options: OldAgentsOptions;

  constructor(options: OldAgentsOptions) {
    this.#options = options;
  }

  /** What the agent of this envoy does not know of what a policy has for it, in words. */
  async lacks(policy: Policy, envoy: Envoy): Promise<readonly string[]> {
    const { knowledge } = this.#options.fleet;
    if (knowledge.of(envoy) === undefined) return [];
    const search = new Search(policy, this.#options.registries);
    for await (const subject of subjectsOf([envoy], this.#options.store.traits))
      search.add(envoy, subject, knowledge.of(envoy));
    return search.parties.map(({ lack }) => lack.what);
  }

  /** For the whole fleet, one warning for each version and thing. */
  async warnings(policy: Policy): Promise<readonly Problem[]> {
    const found = new Findings();
    for (const { version, lack, hostnames } of await this.#parties(policy)) {
      const envoys = hostnames.length === 1 ? "1 envoy runs" : `${hostnames.length} envoys run`;
      found.warning("VG960", lack.place, lack.key, {
        message: `${envoys} ${version}, which has no ${lack.what}: there it is blocked`,
        hint: `update the agent of ${shown(hostnames)}`,
      });
    }
    return found.warnings;
  }

  async #parties(policy: Policy): Promise<readonly Party[]> {
    const { fleet, store, registries } = this.#options;
    const old = [...fleet.list()].filter((envoy) => fleet.knowledge.of(envoy) !== undefined);
    const search = new Search(policy, registries);
    for await (const subject of withPauses(subjectsOf(old, store.traits))) {
      const envoy = fleet.get(subject.id);
      if (envoy !== undefined) search.add(envoy, subject, fleet.knowledge.of(envoy));
    }
    return search.parties;
  }
}

class Search {
  readonly #parties = new Map<string, Party>();
  /** Envoys share lists. */
  readonly #lists = new WeakMap<object, Map<Knowledge, readonly Lack[]>>();

  constructor(
    readonly policy: Policy,
    readonly registries: Pick<Registries, "traits">,
  ) {}

  get parties(): readonly Party[] {
    return [...this.#parties.values()];
  }

  add({ agentVersion }: Envoy, subject: Subject, knowledge: Knowledge | undefined): void {
    const resolved = resolve(this.policy, subject);
    if (resolved.kind === "unresolved" || knowledge === undefined) return;
    const { variant } = resolved;
    const list = variant?.first ?? resolved.resources;
    const own = [...(variant?.others.values() ?? [])];
    const lacks = [...this.#ofList(list, knowledge), ...lacksOf(own, knowledge, this.registries)];
    const version = agentVersion === "" ? "an unknown version" : agentVersion;
    for (const [what, lack] of new Map(lacks.map((lack) => [lack.what, lack]))) {
      const key = `${version}\0${what}`;
      const party = this.#parties.get(key);
      if (party !== undefined) party.hostnames.push(subject.hostname);
      else this.#parties.set(key, { version, lack, hostnames: [subject.hostname] });
    }
  }

  #ofList(list: readonly ResolvedResource[], knowledge: Knowledge): readonly Lack[] {
    const known = this.#lists.get(list) ?? new Map<Knowledge, readonly Lack[]>();
    this.#lists.set(list, known);
    const lacks = known.get(knowledge) ?? lacksOf(list, knowledge, this.registries);
    known.set(knowledge, lacks);
    return lacks;
  }
}

function shown(hostnames: readonly string[]): string {
  const some = hostnames.slice(0, namesShown).join(", ");
  return hostnames.length > namesShown ? `${some}, …` : some;
}
