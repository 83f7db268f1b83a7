/** Two resources of one envoy that own the same thing. Must not know edges, nor any type. */
import { problemAt } from "../policy/findings.ts";
import type { ResolvedResource } from "../policy/model.ts";
import type { Problem } from "../problem.ts";
import type { Claim } from "../resource.ts";

export interface Owner {
  /** Place in the order of inclusion. */
  readonly index: number;
  readonly resource: ResolvedResource;
  readonly claim: Claim;
}

/** Who has what, by claim id, in order of inclusion. */
export type Owners = ReadonlyMap<string, readonly Owner[]>;

/** Of each pair that clashes, the later one is the problem, and names the place of the earlier. */
export function clashProblems(owners: Owners): readonly Problem[] {
  return [...owners.values()].flatMap((all) => (all.length < 2 ? [] : [...clashesOf(all)]));
}

/** A whole stands against all, a part against the wholes and its likes: one problem for each owner that comes too late. */
function* clashesOf(all: readonly Owner[]): Generator<Problem> {
  const byPart = new Map<string, Owner>();
  let whole: Owner | undefined;
  let first: Owner | undefined;
  for (const owner of all) {
    const { part } = owner.claim;
    const earlier = part === undefined ? first : (whole ?? byPart.get(part));
    if (earlier) yield clash(earlier, owner);
    first ??= owner;
    if (part === undefined) whole ??= owner;
    else if (!byPart.has(part)) byPart.set(part, owner);
  }
}

function clash(earlier: Owner, later: Owner): Problem {
  const { resource, claim } = later;
  const other = earlier.resource;
  const same = resource.key === other.key ? "itself" : other.key;
  return problemAt("VG602", resource.place, resource.key, {
    message: `${resource.key} and ${same} (${other.place.file}:${other.place.line}) both own ${spell(claim)}`,
    hint: "keep one of them, or make each responsible for another part",
  });
}

const spell = ({ id, part }: Claim): string => (part === undefined ? id : `${id} (${part})`);
