/**
 * Turns links between names into edges between the resources of one host: groups expanded, what is left out passed through
 * (a → out → c becomes a → c), whole configcrates joined at their ends. Must not know parameters, nor in which order it all runs.
 */
import type { Problem } from "../problem.ts";
import { problemAt } from "./findings.ts";
import type { Edge } from "./model.ts";
import { type Link, nameOf, type Selector } from "./references.ts";
import type { Instance } from "./render.ts";

export interface Edges {
  /** By key of who waits. */
  readonly needs: ReadonlyMap<string, readonly Edge[]>;
  /** By key of who notifies. */
  readonly notifies: ReadonlyMap<string, readonly Edge[]>;
  /** What `requires:` demands and is not there. */
  readonly problems: readonly Problem[];
}

/** Only links with both ends on this host's configcrates. `crates`: their names. */
export function edgesOf(
  instances: readonly Instance[],
  crates: ReadonlySet<string>,
  links: LinkIndex,
): Edges {
  return new Expansion(instances, crates, links).edges();
}

/** Links by the configcrate whose resources wait (need) or notify. */
export interface LinkIndex {
  readonly needs: ReadonlyMap<string, readonly Link[]>;
  readonly notifies: ReadonlyMap<string, readonly Link[]>;
  readonly required: readonly Link[];
}

export function indexLinks(links: readonly Link[]): LinkIndex {
  const of = (kind: Link["kind"]) =>
    Map.groupBy(
      links.filter((link) => link.kind === kind),
      ({ from }) => from.crate,
    );
  return {
    needs: of("need"),
    notifies: of("notify"),
    required: links.filter(({ required }) => required),
  };
}

class Expansion {
  readonly #byCrate: ReadonlyMap<string, readonly Instance[]>;
  readonly #byResource: ReadonlyMap<string, readonly Instance[]>;
  /** As `crate[item]/name`, and as `crate[item]/` for all of one. */
  readonly #byExpansion: ReadonlyMap<string, readonly Instance[]>;
  /** By configcrate, those that it is there once for each of. */
  readonly #items: ReadonlyMap<string, readonly string[]>;
  readonly #needs = new Map<Instance, Map<string, Edge>>();
  readonly #problems: Problem[] = [];
  readonly #ends = new Map<string, readonly Instance[]>();

  constructor(
    readonly instances: readonly Instance[],
    readonly crates: ReadonlySet<string>,
    readonly links: LinkIndex,
  ) {
    this.#byCrate = Map.groupBy(instances, ({ crate }) => crate);
    this.#items = itemsOf(instances);
    this.#byExpansion = expansionsOf(instances);
    this.#byResource = Map.groupBy(instances, ({ crate, name }) => `${crate}/${name}`);
  }

  edges(): Edges {
    for (const instance of this.instances) this.#needs.set(instance, new Map());
    this.#eachLink(this.links.needs, (link) => this.#require(link));
    this.#eachLink(this.links.needs, (link) => {
      if (link.from.resource !== undefined) this.#need(this.#members(link.from), link);
    });
    // Ends of configcrates are known once their inside is.
    this.#eachLink(this.links.needs, (link) => {
      if (link.from.resource === undefined) this.#need(this.#beginnings(link.from), link);
    });
    const needs = new Map([...this.#needs].map(([{ key }, edges]) => [key, [...edges.values()]]));
    return { needs, notifies: this.#notifies(), problems: this.#problems };
  }

  #eachLink(index: ReadonlyMap<string, readonly Link[]>, use: (link: Link) => void): void {
    for (const crate of this.crates)
      for (const link of index.get(crate) ?? [])
        if (this.crates.has(link.to.crate)) for (const one of this.#expansions(link)) use(one);
  }

  /** Where a configcrate is there once for each item, names inside it mean the resources of the same item. */
  #expansions(link: Link): readonly Link[] {
    const items = link.within ? this.#items.get(link.from.crate) : undefined;
    if (items === undefined) return [link];
    return items.map((crateItem) => ({
      ...link,
      from: { ...link.from, crateItem },
      to: { ...link.to, crateItem },
    }));
  }

  #need(from: readonly Instance[], { to, place }: Link): void {
    const targets = this.#reached(to, new Set());
    for (const instance of from)
      for (const { key } of targets)
        if (key !== instance.key && !this.#needs.get(instance)?.has(key))
          this.#needs.get(instance)?.set(key, { key, place });
  }

  /** Members of a selector; where there are none, what they would have waited for. */
  #reached(selector: Selector, seen: Set<string>): readonly Instance[] {
    const { crate, crateItem, resource, item } = selector;
    const name = `${crate}[${crateItem ?? ""}/${resource ?? ""}[${item ?? ""}`;
    if (seen.has(name)) return [];
    seen.add(name);
    const members = resource === undefined ? this.#endings(selector) : this.#members(selector);
    if (members.length > 0) return members;
    const links = (this.links.needs.get(crate) ?? []).filter(
      ({ from, to }) => concerns(from, selector) && this.crates.has(to.crate),
    );
    const beyond = links.map(({ to, within }) =>
      within && crateItem !== undefined ? { ...to, crateItem } : to,
    );
    return [...new Set(beyond.flatMap((to) => this.#reached(to, seen)))];
  }

  #members({ crate, crateItem, resource, item }: Selector): readonly Instance[] {
    let all =
      resource === undefined
        ? this.#byCrate.get(crate)
        : this.#byResource.get(`${crate}/${resource}`);
    if (crateItem !== undefined)
      all = this.#byExpansion.get(`${crate}[${crateItem}]/${resource ?? ""}`);
    return item === undefined ? (all ?? []) : (all ?? []).filter((one) => one.item === item);
  }

  /** Those that wait for nobody of their own configcrate that is sure to run. */
  #beginnings(crate: Selector): readonly Instance[] {
    const members = this.#members(crate);
    const sure = new Set(members.filter(({ sure }) => sure).map(({ key }) => key));
    return members.filter(
      (instance) => ![...(this.#needs.get(instance)?.keys() ?? [])].some((key) => sure.has(key)),
    );
  }

  /** Those that nobody of their own configcrate who is sure to run waits for. */
  #endings(crate: Selector): readonly Instance[] {
    const name = `${crate.crate}[${crate.crateItem ?? ""}`;
    const known = this.#ends.get(name);
    if (known !== undefined) return known;
    const members = this.#members(crate);
    const waitedFor = new Set(
      members
        .filter(({ sure }) => sure)
        .flatMap((instance) => [...(this.#needs.get(instance)?.keys() ?? [])]),
    );
    const ends = members.filter(({ key }) => !waitedFor.has(key));
    this.#ends.set(name, ends);
    return ends;
  }

  #notifies(): ReadonlyMap<string, readonly Edge[]> {
    const notifies = new Map<Instance, Map<string, Edge>>();
    this.#eachLink(this.links.notifies, ({ from, to, place }) => {
      const targets = this.#members(to).filter(
        ({ resource }) => resource.declared.type.refresh !== undefined,
      );
      for (const instance of this.#members(from)) {
        const edges = notifies.get(instance) ?? new Map<string, Edge>();
        notifies.set(instance, edges);
        for (const { key } of targets)
          if (key !== instance.key && !edges.has(key)) edges.set(key, { key, place });
      }
    });
    return new Map([...notifies].map(([{ key }, edges]) => [key, [...edges.values()]]));
  }

  #require({ required, from, to, place }: Link): void {
    if (!required || this.#members(from).length === 0 || this.#members(to).length > 0) return;
    this.#problems.push(missing(from, to, place));
  }
}

function expansionsOf(instances: readonly Instance[]): ReadonlyMap<string, readonly Instance[]> {
  const repeated = instances.filter(({ crateItem }) => crateItem !== undefined);
  const whole = (one: Instance) => `${one.crate}[${one.crateItem}]/`;
  return new Map([
    ...Map.groupBy(repeated, whole),
    ...Map.groupBy(repeated, (one) => `${whole(one)}${one.name}`),
  ]);
}

function itemsOf(instances: readonly Instance[]): ReadonlyMap<string, readonly string[]> {
  const items = new Map<string, Set<string>>();
  for (const { crate, crateItem } of instances) {
    if (crateItem === undefined) continue;
    const known = items.get(crate) ?? new Set();
    items.set(crate, known.add(crateItem));
  }
  return new Map([...items].map(([crate, all]) => [crate, [...all]]));
}

/** `requires:` whose configcrate is not on this host at all. */
export const missing = (from: Selector, to: Selector, place: Edge["place"]): Problem => {
  const name = nameOf(to);
  return problemAt("VG903", place, name, {
    message: `${nameOf(from)} requires ${name}, which is not on this host`,
    hint: "include it, or use depends_on: to order only",
  });
};

/** Does a link of `from` also hold for what the selector names? */
const concerns = (from: Selector, { crate, resource }: Selector): boolean =>
  from.crate === crate &&
  (resource === undefined || from.resource === undefined || from.resource === resource);
