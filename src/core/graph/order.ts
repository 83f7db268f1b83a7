/**
 * Puts the resources of one envoy in the order they are converged: after what they need, after who notifies them, after what
 * their types say they follow; otherwise as they were included, so that one policy always gives the same bytes. Must not know
 * how references were written (resolve has expanded them), nor what travels.
 */
import { isAcyclic } from "../policy/cycles.ts";
import { problemAt } from "../policy/findings.ts";
import type { Registries, ResolvedResource } from "../policy/model.ts";
import type { Problem } from "../problem.ts";
import { automaticEdges } from "./automatic.ts";
import { clashProblems, type Owner } from "./claims.ts";
import { cyclesOf } from "./cycles.ts";
import { type Examined, examine } from "./examine.ts";
import { Heap } from "./heap.ts";

export interface OrderedResource {
  readonly resource: ResolvedResource;
  /** Where it stands among those that were to be put in order. */
  readonly index: number;
  /** Places in the order, sorted; all lower than its own. */
  readonly needs: readonly number[];
  /** All higher than its own. */
  readonly notifies: readonly number[];
}

export interface Ordered {
  readonly kind: "ordered";
  readonly resources: readonly OrderedResource[];
}

export type Order = Ordered | { readonly kind: "unordered"; readonly problems: readonly Problem[] };

/** Each node's edges, by inclusion index. */
interface Graph {
  readonly resources: readonly ResolvedResource[];
  /** From what comes first to what comes after. */
  readonly after: number[][];
  readonly needs: number[][];
  readonly notifies: number[][];
}

export interface OrderOptions {
  /** What each resource's type says of it, where that has been asked already. */
  readonly looked?: readonly Examined[];
  /** What a condition may yet leave out owns nothing: for hosts whose traits are not known. */
  readonly certain?: boolean;
}

export function order(
  resources: readonly ResolvedResource[],
  registries: Registries,
  {
    certain = false,
    looked = resources.map((resource) => examine(resource, registries)),
  }: OrderOptions = {},
): Order {
  const graph = explicitEdges(resources);
  const owners = ownersOf(resources, looked, certain);
  const problems = [...clashProblems(owners), ...cycleProblems(graph)];
  if (problems.length > 0) return { kind: "unordered", problems };
  addNeeds(graph, automaticEdges(looked, owners, graph.after));
  const sequence = topological(graph.after);
  if (sequence.length === resources.length) return ordered(graph, sequence);
  return { kind: "unordered", problems: cycleProblems(graph) };
}

function explicitEdges(resources: readonly ResolvedResource[]): Graph {
  const index = new Map<string, number>();
  for (const [at, { key }] of resources.entries()) index.set(key, at);
  const graph: Graph = {
    resources,
    after: resources.map(() => []),
    needs: resources.map(() => []),
    notifies: resources.map(() => []),
  };
  for (const [at, { needs, notifies }] of resources.entries()) {
    for (const { key } of needs) link(graph.needs[at], graph.after, lookUp(index, key), at, true);
    for (const { key } of notifies)
      link(graph.notifies[at], graph.after, at, lookUp(index, key), false);
  }
  return graph;
}

function lookUp(index: ReadonlyMap<string, number>, key: string): number {
  const found = index.get(key);
  if (found === undefined)
    throw new Error(`resolve left an edge to ${key}, which is not on this envoy`);
  return found;
}

/** Keeps an edge once, in the list of its own kind and among all. */
function link(
  own: number[] | undefined,
  after: number[][],
  from: number,
  to: number,
  need: boolean,
) {
  const other = need ? from : to;
  if (own?.includes(other)) return;
  own?.push(other);
  after[from]?.push(to);
}

function ownersOf(
  resources: readonly ResolvedResource[],
  looked: readonly Examined[],
  certain: boolean,
) {
  const owners = new Map<string, Owner[]>();
  for (const [index, resource] of resources.entries()) {
    if (certain && resource.when !== undefined) continue;
    for (const claim of looked[index]?.claims ?? []) {
      const all = owners.get(claim.id);
      if (all) all.push({ index, resource, claim });
      else owners.set(claim.id, [{ index, resource, claim }]);
    }
  }
  return owners;
}

function addNeeds(graph: Graph, edges: readonly (readonly [from: number, to: number])[]): void {
  for (const [from, to] of edges) link(graph.needs[to], graph.after, from, to, true);
}

/** Kahn's algorithm; of what is ready, what was included first. Shorter than the graph where there is a cycle. */
function topological(after: readonly (readonly number[])[]): readonly number[] {
  const waiting = after.map(() => 0);
  for (const edges of after) for (const to of edges) waiting[to] = (waiting[to] ?? 0) + 1;
  const ready = new Heap();
  for (const [index, count] of waiting.entries()) if (count === 0) ready.push(index);
  const sequence: number[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    sequence.push(next);
    for (const to of after[next] ?? []) {
      const count = (waiting[to] ?? 0) - 1;
      waiting[to] = count;
      if (count === 0) ready.push(to);
    }
  }
  return sequence;
}

function ordered({ resources, needs, notifies }: Graph, sequence: readonly number[]): Ordered {
  const place: number[] = [];
  for (const [at, index] of sequence.entries()) place[index] = at;
  const places = (indices: readonly number[] = none) => {
    if (indices.length === 0) return none;
    const found = indices.map((index) => place[index] ?? 0);
    return found.length === 1 ? found : found.sort((a, b) => a - b);
  };
  const all: OrderedResource[] = [];
  for (const index of sequence) {
    const resource = resources[index];
    if (resource)
      all.push({ resource, index, needs: places(needs[index]), notifies: places(notifies[index]) });
  }
  return { kind: "ordered", resources: all };
}

const none: readonly number[] = [];

/** Knots are looked for only where there are some: most graphs can be put in order. */
function cycleProblems(graph: Graph): readonly Problem[] {
  if (isAcyclic(graph.after)) return [];
  return cyclesOf(graph.after).map((cycle) => cycleProblem(graph, cycle));
}

/** `a → b → c → a`, each with the place where its edge was written. */
function cycleProblem(graph: Graph, cycle: readonly number[]): Problem {
  const steps = cycle.map((from, at) =>
    stepOf(graph, from, cycle[(at + 1) % cycle.length] ?? from),
  );
  const keys = [...steps, steps[0]].map((step) => step?.from.key ?? "");
  const [first] = steps;
  const place = first?.place ?? first?.from.place ?? { file: "", line: 1, column: 1 };
  return problemAt("VG601", place, keys[0] ?? "", {
    message: `each waits for the one before it: ${keys.join(" → ")}`,
    hint: steps.map(({ said }) => said).join("; "),
  });
}

function stepOf({ resources, needs }: Graph, fromIndex: number, toIndex: number) {
  const [from, to] = [resources[fromIndex], resources[toIndex]];
  if (!from || !to) throw new Error("a cycle of resources that are not there");
  const need = to.needs.find(({ key }) => key === from.key);
  const notified = from.notifies.find(({ key }) => key === to.key);
  const place = need?.place ?? notified?.place;
  if (place === undefined && needs[toIndex]?.includes(fromIndex))
    return { from, place, said: `${to.key} follows ${from.key} by itself` };
  const word = need ? `${to.key} depends on ${from.key}` : `${from.key} notifies ${to.key}`;
  return { from, place, said: `${word} (${place?.file}:${place?.line})` };
}
