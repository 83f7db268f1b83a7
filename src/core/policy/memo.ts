/**
 * Shares the work of resolving a policy for many hosts. What a configcrate renders to is a function of the vars, traits and
 * decisions it reads, and analysis knows those before: ten thousand hosts with two hundred different answers render two hundred
 * times. Must not know how a hostcrate is found.
 */
import type { Json, JsonObject } from "../json.ts";
import { type Assembly, assemble, crateVars } from "./assembly.ts";
import { type Decision, type Decisions, decisionsOf, sectionsAsked } from "./decisions.ts";
import type { Lookup } from "./declared.ts";
import { type List, Listing, type Numbered } from "./listing.ts";
import { lookUp, nothingLookedUp } from "./lookups.ts";
import type { Subject } from "./model.ts";
import type { Policy, ReadyCrate, ReadyHostcrate } from "./policy.ts";
import { type RenderedCrate, renderCrate } from "./render.ts";
import { isMap } from "./vars.ts";
import type { Condition } from "./when/condition.ts";

/** Renderings kept for each policy; beyond it they are forgotten and made anew. */
const kept = 50_000;

/** A configcrate as the hosts of one assembly see it. */
interface Seen {
  readonly vars: JsonObject;
  /** What it reads of the rest. */
  readonly lookups: readonly (readonly [name: string, lookup: Lookup])[];
  /** Its renderings by what else they depend on; shared by assemblies that give it the same vars. */
  readonly renderings: Map<string, Numbered>;
}

export class Memo {
  readonly #assemblies = new Map<ReadyHostcrate, Map<string | undefined, Assembly>>();
  readonly #seen = new Map<Assembly, Map<ReadyCrate, Seen>>();
  readonly #renderings = new Map<string, Map<string, Numbered>>();
  readonly #listing: Listing;
  readonly #shapes = new Map<string, number>();
  #made = 0;
  #held = 0;

  constructor(readonly policy: Policy) {
    this.#listing = new Listing(policy.links);
  }

  assembly(hostcrate: ReadyHostcrate, family: string | undefined): Assembly {
    const known = this.#assemblies.get(hostcrate) ?? new Map<string | undefined, Assembly>();
    this.#assemblies.set(hostcrate, known);
    const assembly =
      known.get(family) ?? assemble(this.policy.declared, hostcrate.declared, family);
    known.set(family, assembly);
    return assembly;
  }

  /** The renderings of all configcrates of a host, in order. */
  crates(assembly: Assembly, subject: Subject): readonly Numbered[] {
    const asked = new Asked(subject);
    return assembly.crates.flatMap(({ name }) => {
      const crate = this.policy.crates.get(name);
      return crate === undefined ? [] : this.#crate(crate, assembly, asked);
    });
  }

  list(assembly: Assembly, rendered: readonly Numbered[]): List {
    return this.#listing.list(assembly, rendered);
  }

  #crate(crate: ReadyCrate, assembly: Assembly, asked: Asked): Numbered {
    const seen = this.#see(crate, assembly);
    const types = this.policy.registries.traits;
    const { subject, decided } = asked;
    const found = lookUp(seen.lookups, seen.vars, assembly.tables, subject);
    const vars = found === nothingLookedUp ? seen.vars : over(seen.vars, found.values);
    const decisions = decisionsOf(crate, { subject, assembly, vars, types, decided });
    if (found.problems.length > 0 && decisions.crate !== "out")
      return this.#number(crate, decisions, seen, { instances: [], problems: found.problems });
    const key = `${asked.key(crate, decisions)}\n${found.key}`;
    const known = seen.renderings.get(key);
    if (known !== undefined) return known;
    if (++this.#held > kept) this.#forget();
    const made = this.#render(crate, decisions, { ...seen, vars }, subject);
    seen.renderings.set(key, made);
    return made;
  }

  #render(
    crate: ReadyCrate,
    decisions: Decisions,
    seen: Seen,
    { id, hostname, traits }: Subject,
  ): Numbered {
    const files = this.policy.declared.templates;
    const host = { decisions, vars: seen.vars, traits, envoy: { id, hostname }, files };
    return this.#number(crate, decisions, seen, renderCrate(crate, host));
  }

  #number(
    crate: ReadyCrate,
    decisions: Decisions,
    { lookups }: Seen,
    rendered: RenderedCrate,
  ): Numbered {
    const shape = [
      crate.declared.name,
      ...rendered.instances.map(({ key, sure }) => `${key} ${sure}`),
    ];
    return {
      ...rendered,
      crate: crate.declared.name,
      number: this.#made++,
      shape: this.#shape(shape.join("\n")),
      sections: [...sectionsOf(crate, decisions), ...sectionsOfKeys(lookups)],
    };
  }

  #shape(text: string): number {
    const known = this.#shapes.get(text) ?? this.#shapes.size;
    this.#shapes.set(text, known);
    return known;
  }

  #see(crate: ReadyCrate, assembly: Assembly): Seen {
    const byCrate = this.#seen.get(assembly) ?? new Map<ReadyCrate, Seen>();
    this.#seen.set(assembly, byCrate);
    const known = byCrate.get(crate);
    if (known !== undefined) return known;
    const { values: vars, lookups } = crateVars(crate.declared, assembly);
    const all = crate.reads.vars.includes("*");
    const read = all ? Object.keys(vars).sort() : crate.reads.vars;
    const values = read.map((name) => keyAt(vars, [name]));
    const key = JSON.stringify([crate.declared.name, read, values]);
    const renderings = this.#renderings.get(key) ?? new Map<string, Numbered>();
    this.#renderings.set(key, renderings);
    const asked = [...lookups].filter(([name]) => all || read.includes(name));
    const made = { vars, lookups: asked, renderings };
    byCrate.set(crate, made);
    return made;
  }

  #forget(): void {
    this.#held = 0;
    this.#seen.clear();
    this.#renderings.clear();
  }
}

/** What one host answered; the same question comes from many configcrates. */
class Asked {
  readonly decided = new Map<Condition, Decision>();
  readonly #traits = new Map<readonly string[], string>();
  readonly #byText = new Map<string, string>();

  constructor(readonly subject: Subject) {}

  /** Everything of the host that a rendering of this configcrate depends on, besides vars. */
  key({ reads }: ReadyCrate, decisions: Decisions): string {
    const { id, hostname } = this.subject;
    const decided = `${decisions.crate} ${decisions.resources.join(" ")}`;
    if (decisions.crate === "out") return decided;
    const envoy =
      reads.envoy.length === 0 ? "" : JSON.stringify({ id, hostname }, fieldsOf(reads.envoy));
    return `${decided}\n${envoy}\n${reads.traits.map((path) => this.#trait(path)).join("\n")}`;
  }

  #trait(path: readonly string[]): string {
    const known = this.#traits.get(path);
    if (known !== undefined) return known;
    const text = path.join("\0");
    const value = this.#byText.get(text) ?? JSON.stringify(keyAt(this.subject.traits, path));
    this.#byText.set(text, value);
    this.#traits.set(path, value);
    return value;
  }
}

const over = (under: JsonObject, values: JsonObject): JsonObject =>
  Object.assign(Object.create(null), under, values);

/** For `JSON.stringify`: these fields, or all of them. */
const fieldsOf = (fields: readonly string[]): string[] | null =>
  fields.includes("*") ? null : [...fields];

/** What is left out reads no traits for its texts. */
const sectionsOf = (crate: ReadyCrate, decisions: Decisions): readonly string[] => [
  ...new Set([
    ...sectionsAsked(crate),
    ...(decisions.crate === "out" ? [] : crate.reads.traits.flatMap(([section]) => section ?? [])),
  ]),
];

const sectionsOfKeys = (lookups: Seen["lookups"]): readonly string[] =>
  lookups.flatMap(([, { template }]) =>
    template.reads.flatMap(({ path: [root, section] }) =>
      root === "traits" && section !== undefined ? [section] : [],
    ),
  );

/** What stands at a path, in a list of its own; an empty one for nothing. Where keys end (a list, `size`), all that is there. */
function keyAt(values: Readonly<Record<string, Json>>, path: readonly string[]): readonly Json[] {
  let value: Json = values;
  for (const key of path) {
    if (!isMap(value)) return [value];
    const inner: Json | undefined = value[key];
    if (inner === undefined) return ["size", "first", "last"].includes(key) ? [value] : [];
    value = inner;
  }
  return [value];
}
