/**
 * Shares the work of resolving a policy for many hosts. What a configcrate renders to is a function of the vars, traits and
 * decisions it reads, and analysis knows those before: ten thousand hosts with two hundred different answers render two hundred
 * times. Must not know how a hostcrate is found.
 */
import type { JsonObject } from "../json.ts";
import { Aging } from "./aging.ts";
import { Asked, keyAt } from "./asked.ts";
import { type Assembly, assembled, crateVars } from "./assembly.ts";
import { asksServer, type Decision, type Decisions, decisionsOf } from "./decisions.ts";
import { Kinds, type Naming } from "./kinds.ts";
import { indexLinks, type LinkIndex } from "./edges.ts";
import { areAlikeLinked } from "./links-alike.ts";
import type { List, Numbered } from "./listing.ts";
import { lookUp, nothingLookedUp } from "./lookups.ts";
import type { Subject } from "./model.ts";
import type { Policy, ReadyCrate, ReadyHostcrate } from "./policy.ts";
import {
  type Renderings,
  type Seen,
  sharedIn,
  newRenderings,
  newStores,
  type Stores,
  turn,
} from "./memo-stores.ts";
import { likeFirst } from "./like-first.ts";
import { type Circumstances, renderCrate, type Shared } from "./render.ts";
import { Numbering } from "./numbering.ts";

/** Renderings kept; beyond it they are forgotten and made anew. */
const kept = 20_000;
/** Beyond so many faces of configcrates a policy starts from nothing. */
const mostShapes = 500_000;

interface Included {
  readonly crate: ReadyCrate;
  readonly seen: Seen;
}

export class Memo {
  readonly #assemblies = new Map<ReadyHostcrate, Map<string | undefined, Assembly>>();
  readonly #includes = new WeakMap<Assembly, readonly Included[]>();
  readonly #kinds = new WeakMap<Assembly, { readonly kinds: Kinds | undefined }>();
  readonly #stores: Stores;
  readonly #numbering: Numbering;
  readonly #links: LinkIndex;

  /** `before`: of a policy whose links are the same wherever both ends have not changed. */
  constructor(
    readonly policy: Policy,
    before?: Memo,
  ) {
    this.#stores =
      before === undefined || before.#stores.shapes.size > mostShapes
        ? newStores()
        : before.#stores;
    turn(this.#stores, policy.crates);
    this.#numbering = new Numbering(this.#stores);
    this.#links = indexLinks(policy.links);
  }

  /** Does it go on with what the other has found out? */
  continues(other: Memo): boolean {
    return this.#stores === other.#stores;
  }

  assembly(hostcrate: ReadyHostcrate, family: string | undefined): Assembly {
    const known = this.#assemblies.get(hostcrate) ?? new Map<string | undefined, Assembly>();
    this.#assemblies.set(hostcrate, known);
    const assembly =
      known.get(family) ?? assembled(this.policy.declared, hostcrate.declared, family);
    known.set(family, assembly);
    return assembly;
  }

  /** The resources of one host. */
  list(assembly: Assembly, subject: Subject): List {
    const kinds = this.#kindsOf(assembly);
    const answers = kinds?.answers(subject) ?? "";
    const known = kinds?.list(answers, subject, this.policy.declared.templates);
    if (known !== undefined) return known;
    const asked = new Asked(subject);
    const included = this.#included(assembly);
    const rendered = included.map(
      ({ crate, seen }) => seen.renderings.only ?? this.#crate(crate, seen, assembly, asked),
    );
    const list = this.#stores.listing.list(assembly, rendered, this.#links);
    const naming = kinds && this.#namingIn(included, rendered, assembly, asked);
    if (naming !== undefined && list.problems.length === 0)
      kinds?.keep(answers, list.like ?? list, naming);
    return list;
  }

  /** Undefined where one of them is like no other host's. */
  #namingIn(
    included: readonly Included[],
    rendered: readonly Numbered[],
    assembly: Assembly,
    asked: Asked,
  ): readonly Naming[] | undefined {
    const naming: Naming[] = [];
    let start = 0;
    for (const [at, one] of rendered.entries()) {
      const { crate, seen } = included[at] as Included;
      const first = one.first ?? one;
      if (first.own) return undefined;
      if (crate.reads.envoy.length > 0) {
        const { decisions, vars } = this.#look(crate, seen, assembly, asked);
        if (decisions.crate !== "out") naming.push({ crate, first, start, decisions, vars });
      }
      start += first.instances.length;
    }
    return naming;
  }

  /** The same names give the same list: sorted, each once. */
  sections(names: readonly string[]): readonly string[] {
    return this.#numbering.sections(names);
  }

  #kindsOf(assembly: Assembly): Kinds | undefined {
    const known = this.#kinds.get(assembly);
    if (known !== undefined) return known.kinds;
    const crates = this.#included(assembly).map(({ crate, seen: { lookups } }) => ({
      crate,
      lookups,
    }));
    const kinds = Kinds.of(crates);
    this.#kinds.set(assembly, { kinds });
    return kinds;
  }

  /** What is known of a configcrate for hosts of an assembly, where nothing is looked up; filled by who renders it. */
  shared(crate: ReadyCrate, assembly: Assembly, decision: Decision): Shared {
    return sharedIn(this.#see(crate, assembly).renderings, decision, "");
  }

  /** The same object for assemblies that a configcrate sees the same vars of; undefined where something is looked up. */
  sight(crate: ReadyCrate, assembly: Assembly): object | undefined {
    if (crateVars(crate.declared, assembly).lookups.size > 0) return undefined;
    return this.#see(crate, assembly).renderings;
  }

  #included(assembly: Assembly): readonly Included[] {
    const known = this.#includes.get(assembly);
    if (known !== undefined) return known;
    const made = assembly.crates.flatMap(({ name }): readonly Included[] => {
      const crate = this.policy.crates.get(name);
      return crate === undefined ? [] : [{ crate, seen: this.#see(crate, assembly) }];
    });
    this.#includes.set(assembly, made);
    return made;
  }

  #look(crate: ReadyCrate, seen: Seen, assembly: Assembly, { subject, decided }: Asked) {
    const types = this.policy.registries.traits;
    const found = lookUp(seen.lookups, seen.vars, assembly.tables, subject);
    const vars = found === nothingLookedUp ? seen.vars : over(seen.vars, found.values);
    return {
      found,
      vars,
      decisions: decisionsOf(crate, { subject, assembly, vars, types, decided }),
    };
  }

  #crate(crate: ReadyCrate, seen: Seen, assembly: Assembly, asked: Asked): Numbered {
    const { renderings } = seen;
    const { found, vars, decisions } = this.#look(crate, seen, assembly, asked);
    if (found.problems.length > 0 && decisions.crate !== "out")
      return this.#numbering.number(
        crate,
        decisions,
        seen,
        { instances: [], problems: found.problems },
        true,
      );
    const basis = `${textOf(decisions)}\n${found.key}`;
    const key = `${basis}\n${asked.key(crate, decisions)}`;
    const known = renderings.all.get(key);
    if (known !== undefined) return known;
    const host = this.#circumstances(decisions, vars, asked.subject);
    const names = decisions.crate !== "out" && crate.reads.envoy.length > 0;
    const first = names ? renderings.firsts.get(key) : undefined;
    const like = first && likeFirst(first, crate, host);
    if (like !== undefined) return like;
    const shared = sharedIn(renderings, decisions.crate, found.key);
    const rendered = renderCrate(crate, host, shared);
    const isFirst = names && first === undefined && rendered.problems.length === 0;
    const made = this.#numbering.number(crate, decisions, seen, rendered, names && !isFirst);
    if (made.own) return made;
    this.#stores.fresh++;
    if (++this.#stores.holds > kept) this.#forget();
    this.#stores.held.add(renderings);
    (names ? renderings.firsts : renderings.all).set(key, made);
    if (seen.lookups.length === 0 && isAlikeEverywhere(crate)) renderings.only = made;
    return made;
  }

  #circumstances(
    decisions: Decisions,
    vars: JsonObject,
    { id, hostname, traits }: Subject,
  ): Circumstances {
    const files = this.policy.declared.templates;
    return { decisions, vars, traits, envoy: { id, hostname }, files };
  }

  #see(crate: ReadyCrate, assembly: Assembly): Seen {
    const byCrate = this.#stores.seen.get(assembly) ?? new WeakMap<ReadyCrate, Seen>();
    this.#stores.seen.set(assembly, byCrate);
    const known = byCrate.get(crate);
    if (known !== undefined) return known;
    const { values: vars, lookups } = crateVars(crate.declared, assembly);
    const all = crate.reads.vars.includes("*");
    const read = all ? Object.keys(vars).sort() : crate.reads.vars;
    const values = read.map((name) => keyAt(vars, [name]));
    const key = JSON.stringify([read, values]);
    const ofCrate = this.#stores.renderings.get(crate) ?? new Aging<Renderings>(kept);
    this.#stores.renderings.set(crate, ofCrate);
    const renderings = ofCrate.of(key, newRenderings);
    const asked = [...lookups].filter(([name]) => all || read.includes(name));
    const made = { vars, lookups: asked, renderings };
    byCrate.set(crate, made);
    return made;
  }

  /** What hosts have in common stays. */
  #forget(): void {
    this.#stores.holds = 0;
    for (const { all, firsts } of this.#stores.held) {
      all.clear();
      firsts.clear();
    }
    this.#stores.held.clear();
  }
}

const decidedTexts = new WeakMap<Decisions, string>();

function textOf(decisions: Decisions): string {
  const known = decidedTexts.get(decisions);
  if (known !== undefined) return known;
  const text = `${decisions.crate} ${decisions.resources.join(" ")}`;
  decidedTexts.set(decisions, text);
  return text;
}

/** No host can make it come to something else: nothing of it is decided or rendered by what a host is. */
const isAlikeEverywhere = (crate: ReadyCrate): boolean =>
  crate.reads.traits.length === 0 && crate.reads.envoy.length === 0 && !asksServer(crate);

const over = (under: JsonObject, values: JsonObject): JsonObject =>
  Object.assign(Object.create(null), under, values);

const memos = new WeakMap<Policy, Memo>();

export function memoOf(policy: Policy): Memo {
  const known = memos.get(policy);
  if (known !== undefined) return known;
  const made = new Memo(policy);
  memos.set(policy, made);
  return made;
}

/** From now on hosts profit from what was found out for the policy before, as far as it is the same. */
export function inherit(policy: Policy, before: Policy): void {
  if (areAlikeLinked(policy, before)) memos.set(policy, new Memo(policy, memoOf(before)));
}
