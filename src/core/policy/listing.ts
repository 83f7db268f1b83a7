/**
 * Joins rendered configcrates to the list of one host's resources. Edges depend on which resources there are and not on what
 * is in them, so hosts of one shape share them, and with them the resources of every configcrate they have in common. Must not
 * know how a configcrate is rendered.
 */
import type { Problem } from "../problem.ts";
import { Aging } from "./aging.ts";
import type { Assembly } from "./assembly.ts";
import { type Edges, edgesOf, type LinkIndex, missing } from "./edges.ts";
import { problemAt } from "./findings.ts";
import { limits } from "./limits.ts";
import type { ResolvedResource, Variant } from "./model.ts";
import type { Instance, RenderedCrate } from "./render.ts";

export interface Numbered extends RenderedCrate {
  /** Name of the configcrate. */
  readonly crate: string;
  /** It names its host: no other has the same, and nothing that is made of it is kept. */
  readonly own: boolean;
  /** It is as another host's, but for these of its instances. */
  readonly first?: Numbered;
  readonly others?: ReadonlyMap<number, Instance>;
  /** Two renderings of one number are the same object. */
  readonly number: number;
  /** Two renderings of one shape have the same resources, whatever is in them. */
  readonly shape: number;
  /** Trait sections it has read. */
  readonly sections: readonly string[];
  /** Refs in its parameters. */
  readonly secrets: readonly string[];
}

export interface List {
  readonly resources: readonly ResolvedResource[];
  /** The same object for lists of the same keys and edges, in the same order. */
  readonly outline: object;
  /** In one order whatever the resources', so that the same policy gives the same body. */
  readonly secrets: readonly string[];
  /** Trait sections that its configcrates have read. */
  readonly sections: readonly string[];
  readonly problems: readonly Problem[];
  /** The list that it is as, but for a few of its resources; and which are these. */
  readonly like?: List;
  readonly variant?: Variant;
}

/** Edges that some configcrates have, whichever others are on the host. */
interface NumberedEdges extends Edges {
  readonly number: number;
  /** Resources of these edges, so that hosts share each that they have in common. */
  readonly resolved: WeakMap<Instance, ResolvedResource>;
  readonly noop: WeakMap<Instance, ResolvedResource>;
}

/** Of all configcrates of a host. */
interface Joined {
  /** One a configcrate, in order. */
  readonly edges: readonly NumberedEdges[];
  readonly problems: readonly Problem[];
  readonly outline: object;
}

/** How many of each are kept. */
const kept = { lists: 5_000, shapes: 2_000, edges: 10_000, parts: 20_000 };

export class Listing {
  readonly #lists = new Aging<List>(kept.lists);
  readonly #joined = new Aging<Joined>(kept.shapes);
  readonly #edges = new Aging<NumberedEdges>(kept.edges);
  readonly #parts = new Aging<readonly ResolvedResource[]>(kept.parts);
  #next = 0;

  /** `rendered`: the configcrates of the assembly, in its order. `links`: alike for configcrates that are. */
  list(assembly: Assembly, rendered: readonly Numbered[], links: LinkIndex): List {
    if (rendered.some(({ own, first }) => own && first === undefined))
      return this.#make(assembly, rendered, links);
    const key = `${assembly.noop} ${rendered.map(({ number }) => number).join(",")}`;
    const list = this.#lists.of(key, () =>
      this.#make(
        assembly,
        rendered.map((crate) => crate.first ?? crate),
        links,
      ),
    );
    const isVariant = list.problems.length === 0 && rendered.some(({ own }) => own);
    return isVariant ? variantOf(list, othersOf(list, rendered)) : list;
  }

  /** Forgets what was not asked for since the last time. */
  turn(): void {
    for (const each of [this.#lists, this.#joined, this.#edges, this.#parts]) each.turn();
  }

  #make(
    { noop, crates, hostcrate }: Assembly,
    rendered: readonly Numbered[],
    links: LinkIndex,
  ): List {
    const problems = rendered.flatMap((crate) => crate.problems);
    const count = rendered.reduce((sum, { instances }) => sum + instances.length, 0);
    if (problems.length === 0 && count > limits.resourcesPerEnvoy)
      problems.push(
        problemAt("VG904", hostcrate.place, `${count}`, {
          message: `${count} resources on one host; ${limits.resourcesPerEnvoy} are the most`,
        }),
      );
    const sections = [...new Set(rendered.flatMap((crate) => crate.sections))];
    if (problems.length > 0) return { resources: [], outline: {}, secrets: [], sections, problems };
    const joined = this.#join(rendered, links);
    const noops = new Set(crates.filter((crate) => noop || crate.noop).map(({ name }) => name));
    const resources = rendered.flatMap((crate, at) =>
      this.#part(crate, joined.edges[at], noops.has(crate.crate)),
    );
    const secrets = [...new Set(rendered.flatMap((crate) => crate.secrets))].sort();
    return { resources, outline: joined.outline, secrets, sections, problems: joined.problems };
  }

  #join(rendered: readonly Numbered[], links: LinkIndex): Joined {
    const key = rendered.map(({ shape }) => shape).join(",");
    return this.#joined.of(key, () => {
      const names = new Set(rendered.map(({ crate }) => crate));
      const groups = groupsIn(rendered, names, links);
      const byCrate = new Map<string, NumberedEdges>();
      const problems: Problem[] = [];
      for (const group of groups) {
        const edges = this.#edgesOf(group, links);
        problems.push(...edges.problems);
        for (const { crate } of group) byCrate.set(crate, edges);
      }
      const edges = rendered.map(({ crate }) => byCrate.get(crate) as NumberedEdges);
      return { edges, outline: {}, problems: [...problems, ...absent(rendered, names, links)] };
    });
  }

  /** Of configcrates whose links lead to no others. */
  #edgesOf(rendered: readonly Numbered[], links: LinkIndex): NumberedEdges {
    const key = rendered.map(({ shape }) => shape).join(",");
    return this.#edges.of(key, () => ({
      ...edgesOf(
        rendered.flatMap(({ instances }) => instances),
        new Set(rendered.map(({ crate }) => crate)),
        links,
      ),
      number: this.#next++,
      resolved: new WeakMap(),
      noop: new WeakMap(),
    }));
  }

  #part(
    crate: Numbered,
    edges: NumberedEdges | undefined,
    noop: boolean,
  ): readonly ResolvedResource[] {
    if (edges === undefined) throw new Error("a configcrate that nobody has looked for edges of");
    const make = () => crate.instances.map((instance) => shared(instance, edges, noop));
    const key = `${crate.number} ${edges.number} ${noop}`;
    return crate.own ? make() : this.#parts.of(key, make);
  }
}

/** Configcrates of a host that links join, whichever way they lead: what others do makes no difference to their edges. */
function groupsIn(
  rendered: readonly Numbered[],
  names: ReadonlySet<string>,
  links: LinkIndex,
): readonly (readonly Numbered[])[] {
  const parents = new Map<string, string>();
  const root = (crate: string): string => {
    let found = crate;
    for (let above = parents.get(found); above !== undefined; above = parents.get(found))
      found = above;
    return found;
  };
  for (const { crate } of rendered)
    for (const other of linkedTo(crate, links)) {
      const [one, two] = [root(crate), root(other)];
      if (names.has(other) && one !== two) parents.set(two, one);
    }
  return [...Map.groupBy(rendered, ({ crate }) => root(crate)).values()];
}

const others = new WeakMap<LinkIndex, Map<string, readonly string[]>>();

/** Other configcrates that its links lead to, each once. */
function linkedTo(crate: string, links: LinkIndex): readonly string[] {
  const known = others.get(links) ?? new Map<string, readonly string[]>();
  others.set(links, known);
  const before = known.get(crate);
  if (before !== undefined) return before;
  const all = [...(links.needs.get(crate) ?? []), ...(links.notifies.get(crate) ?? [])];
  const made = [...new Set(all.map(({ to }) => to.crate))].filter((name) => name !== crate);
  known.set(crate, made);
  return made;
}

/** What is required of configcrates that are not on the host at all. */
function absent(
  rendered: readonly Numbered[],
  names: ReadonlySet<string>,
  { required }: LinkIndex,
): readonly Problem[] {
  const lost = required.filter(({ from, to }) => names.has(from.crate) && !names.has(to.crate));
  if (lost.length === 0) return [];
  const present = new Set(
    rendered.flatMap(({ instances }) => instances.map(({ crate, name }) => `${crate}/${name}`)),
  );
  return lost
    .filter(({ from }) => present.has(`${from.crate}/${from.resource}`))
    .map(({ from, to, place }) => missing(from, to, place));
}

function othersOf(list: List, rendered: readonly Numbered[]): Variant["others"] {
  const others = new Map<number, ResolvedResource>();
  let start = 0;
  for (const crate of rendered) {
    if (crate.others !== undefined) varied(list, start, crate.others, others);
    start += (crate.first ?? crate).instances.length;
  }
  return others;
}

/** Adds resources of a list with the parameters of others. `start`: where these are counted from. */
export function varied(
  { resources }: List,
  start: number,
  instances: ReadonlyMap<number, Instance>,
  others: Map<number, ResolvedResource>,
): void {
  for (const [at, { params }] of instances) {
    const former = resources[start + at];
    if (former !== undefined) others.set(start + at, { ...former, params });
  }
}

/** Problems and edges are the list's too: they come of which resources there are. */
export const variantOf = (list: List, others: Variant["others"]): List =>
  new VariantList(list, { first: list.resources, others });

class VariantList implements List {
  readonly problems = [];
  #resources: readonly ResolvedResource[] | undefined;

  constructor(
    readonly like: List,
    readonly variant: Variant,
  ) {}

  get resources(): readonly ResolvedResource[] {
    const { first, others } = this.variant;
    this.#resources ??= first.map((resource, at) => others.get(at) ?? resource);
    return this.#resources;
  }
  get outline(): object {
    return this.like.outline;
  }
  get secrets(): readonly string[] {
    return this.like.secrets;
  }
  get sections(): readonly string[] {
    return this.like.sections;
  }
}

function shared(instance: Instance, edges: NumberedEdges, noop: boolean): ResolvedResource {
  const all = noop ? edges.noop : edges.resolved;
  const known = all.get(instance);
  if (known !== undefined) return known;
  const made = resolved(instance, edges, noop);
  all.set(instance, made);
  return made;
}

function resolved(instance: Instance, edges: Edges, noop: boolean): ResolvedResource {
  const { declared } = instance.resource;
  const { type, place, timeoutMs, retries, revert, sensitive } = declared;
  return {
    key: instance.key,
    type: type.name,
    params: instance.params,
    ...(instance.when === undefined ? {} : { when: instance.when }),
    needs: edges.needs.get(instance.key) ?? [],
    notifies: edges.notifies.get(instance.key) ?? [],
    ...(noop || declared.noop ? { noop: true } : {}),
    ...(revert ? { revert: true } : {}),
    ...(sensitive ? { sensitive: true } : {}),
    ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
    ...(retries === undefined ? {} : { retries }),
    place,
  };
}
