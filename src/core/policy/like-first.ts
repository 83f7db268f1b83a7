/**
 * A configcrate that names its host, for one more host that is like the first in all but its name: only the resources that may
 * name it are rendered, and the rest is the first's. Must not know which hosts are alike, nor edges.
 */
import type { Decisions } from "./decisions.ts";
import { mayNameEnvoy } from "./host-dependence.ts";
import type { Numbered } from "./listing.ts";
import type { ReadyCrate } from "./policy.ts";
import { type Circumstances, type Instance, renderCrate } from "./render.ts";
import { refsIn } from "./secrets.ts";

/** What of a rendering names the first host. */
interface Naming {
  /** Places among its instances. */
  readonly places: readonly number[];
  /** As for the first, but without the resources that name no host. */
  readonly decisions: Decisions;
}

const namings = new WeakMap<Numbered, Naming>();

function namingOf(first: Numbered, crate: ReadyCrate, { crate: decision, resources }: Decisions) {
  const known = namings.get(first);
  if (known !== undefined) return known;
  const names = crate.resources.map(mayNameEnvoy);
  const made: Naming = {
    places: first.instances.flatMap(({ resource }, at) => (mayNameEnvoy(resource) ? [at] : [])),
    decisions: {
      crate: decision,
      resources: resources.map((each, at) => (names[at] ? each : "out")),
    },
  };
  namings.set(first, made);
  return made;
}

/** As `othersLike`, as a rendering. */
export function likeFirst(
  first: Numbered,
  crate: ReadyCrate,
  host: Circumstances,
): Numbered | undefined {
  const others = othersLike(first, crate, host);
  return others && new LikeFirst(first, others);
}

/**
 * By place among its instances, those that are others than the first's. Undefined where it is not like the first after all: other
 * resources, other secrets, or something to say.
 */
export function othersLike(
  first: Numbered,
  crate: ReadyCrate,
  host: Circumstances,
): ReadonlyMap<number, Instance> | undefined {
  const { places, decisions } = namingOf(first, crate, host.decisions);
  const { instances, problems } = renderCrate(crate, { ...host, decisions });
  if (problems.length > 0 || instances.length !== places.length) return undefined;
  const others = new Map<number, Instance>();
  for (const [index, instance] of instances.entries()) {
    const at = places[index] ?? 0;
    const former = first.instances[at];
    if (former === undefined || !isAlike(instance, former)) return undefined;
    others.set(at, instance);
  }
  return others;
}

/** Nothing that edges or lists ask of it differs; its parameters may. */
const isAlike = (one: Instance, other: Instance): boolean =>
  one.key === other.key &&
  one.sure === other.sure &&
  one.when?.source === other.when?.source &&
  refsIn<string>(one.params).join("\n") === refsIn<string>(other.params).join("\n");

class LikeFirst implements Numbered {
  readonly own = true;
  readonly problems = [];

  constructor(
    readonly first: Numbered,
    readonly others: ReadonlyMap<number, Instance>,
  ) {}

  get instances(): readonly Instance[] {
    return this.first.instances.map((instance, at) => this.others.get(at) ?? instance);
  }
  get crate(): string {
    return this.first.crate;
  }
  get number(): number {
    return this.first.number;
  }
  get shape(): number {
    return this.first.shape;
  }
  get sections(): readonly string[] {
    return this.first.sections;
  }
  get secrets(): readonly string[] {
    return this.first.secrets;
  }
}
