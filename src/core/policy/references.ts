/**
 * Finds what references mean (semantics §1): a resource of the same configcrate, then a configcrate, then `crate/name`; with
 * `[item]` one expansion of a `foreach`. Collects them as links. Must not know any host: which links count is decided there.
 */
import { didYouMean, unknownWord } from "../did-you-mean.ts";
import type { Configcrate, Declared, Ref, Resource } from "./declared.ts";
import { partsOf } from "../resource-key.ts";
import type { Findings, Words } from "./findings.ts";
import type { Place } from "./model.ts";
import { clip } from "./node.ts";
import { isTemplate } from "./template/template.ts";

/** Resources: a whole configcrate, all expansions of one, or one expansion. */
export interface Selector {
  readonly crate: string;
  /** One expansion of the configcrate; without it all. */
  readonly crateItem?: string;
  readonly resource?: string;
  readonly item?: string;
}

/** As it is written. */
export const nameOf = ({ crate, crateItem, resource, item }: Selector): string => {
  const bracketed = (one: string | undefined) => (one === undefined ? "" : `[${one}]`);
  const rest = resource === undefined ? "" : `/${resource}${bracketed(item)}`;
  return `${crate}${bracketed(crateItem)}${rest}`;
};

/** need: `from` waits for `to`, and does nothing when that failed · notify: a change of `from` refreshes `to`. */
export interface Link {
  readonly kind: "need" | "notify";
  readonly from: Selector;
  readonly to: Selector;
  /** `requires:` demands that `to` is there. */
  readonly required: boolean;
  /** Each expansion of their configcrate for itself. */
  readonly within: boolean;
  readonly place: Place;
}

/** Found by its bare name: in a configcrate that is there once for each item, the one of the same item. */
interface Found extends Selector {
  readonly near?: true;
}

export function linksOf(declared: Declared, found: Findings): readonly Link[] {
  const finder = new Finder(declared, found);
  const links: Link[] = [];
  for (const crate of declared.configcrates.values()) {
    for (const ref of crate.dependsOn)
      push(links, "need", { crate: crate.name }, finder.find(ref, undefined), ref);
    for (const resource of crate.resources) pushResource(links, resource, crate, finder);
  }
  return links;
}

function pushResource(links: Link[], resource: Resource, crate: Configcrate, finder: Finder) {
  const own = { crate: crate.name, resource: resource.name };
  for (const ref of resource.dependsOn) push(links, "need", own, finder.find(ref, crate), ref);
  for (const ref of resource.requires) push(links, "need", own, finder.find(ref, crate), ref, true);
  for (const ref of resource.before) push(links, "need", finder.find(ref, crate), own, ref);
  for (const ref of resource.notify)
    push(links, "notify", own, finder.findNotified(ref, crate), ref);
  for (const ref of resource.subscribes) push(links, "notify", finder.find(ref, crate), own, ref);
}

function push(
  links: Link[],
  kind: Link["kind"],
  from: Found | undefined,
  to: Found | undefined,
  { place }: Ref,
  required = false,
): void {
  if (from === undefined || to === undefined) return;
  const within = from.near === true || to.near === true;
  links.push({ kind, from: bare(from), to: bare(to), required, within, place });
}

function bare(found: Found): Selector {
  if (found.near === undefined) return found;
  const { near: _, ...selector } = found;
  return selector;
}

class Finder {
  readonly #names = new Map<string, ReadonlyMap<string, Resource>>();

  constructor(
    readonly declared: Declared,
    readonly found: Findings,
  ) {
    for (const { name, resources } of declared.configcrates.values())
      this.#names.set(name, new Map(resources.map((resource) => [resource.name, resource])));
  }

  find(ref: Ref, home: Configcrate | undefined): Found | undefined {
    if (isTemplate(ref.value))
      return this.#say(ref, "VG506", { message: "references are never rendered" });
    const local = home && this.#near(home, ref.value);
    const crate = this.#whole(ref.value);
    const distant = this.#distant(ref.value);
    if (local === undefined) return crate ?? distant ?? this.#unknown(ref, home);
    const rival = crate ?? distant;
    if (rival === undefined || rival.crate === home?.name) return local;
    return this.#say(ref, "VG405", {
      message: `"${ref.value}" is a resource of this configcrate and also ${crate ? "a configcrate" : `a resource of configcrate ${rival.crate}`}`,
      hint: `write "${home?.name}/${ref.value}" for the resource of this one, or rename it`,
    });
  }

  /** What is notified must know what to do. */
  findNotified(ref: Ref, home: Configcrate): Found | undefined {
    const selector = this.find(ref, home);
    if (selector === undefined) return undefined;
    const members = this.#members(selector);
    if (members.length === 0 || members.some(({ type }) => type.refresh !== undefined))
      return selector;
    return this.#say(ref, "VG408", {
      message: `"${ref.value}" cannot be notified: ${members[0]?.type.name} has no refresh`,
      hint: "notify a service, an exec with refresh_only, or use depends_on for order alone",
    });
  }

  #members({ crate, resource }: Selector): readonly Resource[] {
    const names = this.#names.get(crate) ?? new Map<string, Resource>();
    const one = resource === undefined ? undefined : names.get(resource);
    return resource === undefined ? [...names.values()] : one === undefined ? [] : [one];
  }

  /** The whole name first; then `name[item]`. */
  #inCrate(crate: string, text: string): Selector | undefined {
    const names = this.#names.get(crate);
    if (names?.has(text) === true) return { crate, resource: text };
    const [, resource = "", item = ""] = /^(.*)\[([^[\]]*)\]$/.exec(text) ?? [];
    return names?.get(resource)?.foreach === undefined ? undefined : { crate, resource, item };
  }

  #near(home: Configcrate, text: string): Found | undefined {
    const selector = this.#inCrate(home.name, text);
    return selector && home.foreach !== undefined ? { ...selector, near: true } : selector;
  }

  /** A configcrate, or one expansion of it. */
  #whole(text: string): Selector | undefined {
    if (isPlain(text)) return this.#names.has(text) ? { crate: text } : undefined;
    const { crate, crateItem, rest } = partsOf(text);
    if (rest !== undefined || !this.#names.has(crate)) return undefined;
    if (crateItem === undefined) return crate === text ? { crate } : undefined;
    return this.#isRepeated(crate) ? { crate, crateItem } : undefined;
  }

  #distant(text: string): Selector | undefined {
    if (isPlain(text)) return undefined;
    const { crate, crateItem, rest } = partsOf(text);
    const selector = rest === undefined ? undefined : this.#inCrate(crate, rest);
    if (selector === undefined || crateItem === undefined) return selector;
    return this.#isRepeated(crate) ? { ...selector, crateItem } : undefined;
  }

  #isRepeated = (crate: string) => this.declared.configcrates.get(crate)?.foreach !== undefined;

  #unknown(ref: Ref, home: Configcrate | undefined): undefined {
    const { crate: left, crateItem, rest } = partsOf(ref.value);
    const crate = this.declared.configcrates.get(left);
    if (home?.lost.has(ref.value) || crate?.lost.has(rest ?? "")) return;
    if (crate !== undefined && crateItem !== undefined && crate.foreach === undefined)
      return this.#say(ref, "VG404", {
        message: `configcrate ${left} is there once and has no [${clip(crateItem)}]`,
        hint: `only a configcrate with foreach: has items; write "${rest === undefined ? left : `${left}/${rest}`}"`,
      });
    if (crate !== undefined && rest !== undefined) {
      const names = crate.resources.map(({ name }) => name);
      return this.#say(ref, "VG404", {
        message: unknownWord("resource", rest, names, ` of configcrate ${crate.name}`),
        hint: didYouMean(rest, names) ? undefined : listed(names),
      });
    }
    const near = [...(home?.resources ?? []).map(({ name }) => name), ...this.#names.keys()];
    const what = home === undefined ? "configcrate" : "resource or configcrate";
    return this.#say(ref, "VG404", { message: unknownWord(what, ref.value, near) });
  }

  #say(ref: Ref, code: "VG404" | "VG405" | "VG408" | "VG506", words: Words): undefined {
    this.found.problem(code, ref.place, ref.value, words);
  }
}

/** It names one thing, and no part of another. */
const isPlain = (text: string): boolean => !text.includes("/") && !text.includes("[");

const listed = (names: readonly string[]) =>
  names.length === 0 ? "it has no resources" : `it has ${names.slice(0, 12).join(", ")}`;
