/**
 * Renderings told apart by numbers, so that lists of them are compared without looking inside. Must not know how they are rendered,
 * nor for whom.
 */
import type { JsonObject } from "../json.ts";
import { type Decisions, sectionsAsked } from "./decisions.ts";
import type { Numbered } from "./listing.ts";
import type { Seen, Stores } from "./memo-stores.ts";
import type { ReadyCrate } from "./policy.ts";
import type { Instance, RenderedCrate } from "./render.ts";
import { refsIn } from "./secrets.ts";

export class Numbering {
  constructor(readonly stores: Stores) {}

  number(
    crate: ReadyCrate,
    decisions: Decisions,
    { lookups }: Seen,
    rendered: RenderedCrate,
    own = false,
  ): Numbered {
    const shape = rendered.instances.map((instance) => this.#face(instance));
    return {
      ...rendered,
      crate: crate.declared.name,
      own,
      number: this.stores.made++,
      shape: this.#shape(`${this.#identity(crate)} ${shape.join()}`),
      sections: this.sections([...sectionsOf(crate, decisions), ...sectionsOfKeys(lookups)]),
      secrets: rendered.instances.flatMap(({ params }) => refsOf(params)),
    };
  }

  /** The same names give the same list: sorted, each once. */
  sections(names: readonly string[]): readonly string[] {
    const key = names.join(" ");
    const known = this.stores.sections.get(key);
    if (known !== undefined) return known;
    const made = [...new Set(names)].sort();
    this.stores.sections.set(key, made);
    return made;
  }

  /** Equal for instances that edges cannot tell apart. */
  #face(instance: Instance): number {
    const known = this.stores.faces.get(instance);
    if (known !== undefined) return known;
    const face = this.#shape(`${instance.key} ${instance.sure}`);
    this.stores.faces.set(instance, face);
    return face;
  }

  /** One that has changed may have other edges, though its resources have the same names. */
  #identity(crate: ReadyCrate): number {
    const known = this.stores.crates.get(crate) ?? this.stores.made++;
    this.stores.crates.set(crate, known);
    return known;
  }

  #shape(text: string): number {
    const { shapes } = this.stores;
    const known = shapes.get(text) ?? shapes.size;
    shapes.set(text, known);
    return known;
  }
}

const refs = new WeakMap<JsonObject, readonly string[]>();

/** Most parameters are shared by many hosts, and name no secret. */
function refsOf(params: JsonObject): readonly string[] {
  const known = refs.get(params);
  if (known !== undefined) return known;
  const found = refsIn<string>(params);
  refs.set(params, found);
  return found;
}

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
