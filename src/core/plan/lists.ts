/**
 * What one policy comes to for one envoy, as far as a plan must tell it from others: lists of the same contents have one number,
 * and the graph is asked once for each shape of list. Must not know that there are two policies.
 */
import { type OrderedResource, order } from "../graph/order.ts";
import type {
  Registries,
  ResolvedResource,
  Resolved,
  Subject,
  Unresolved,
} from "../policy/model.ts";
import type { Policy } from "../policy/policy.ts";
import { resolve } from "../policy/resolve.ts";
import { Contents } from "./contents.ts";

/** What an envoy gets. */
export interface Intent {
  readonly kind: "intent";
  /** Equal for envoys that get the same body. */
  readonly number: number;
  readonly resources: readonly ResolvedResource[];
  readonly resolved: Resolved | undefined;
}

interface List {
  readonly number: number;
  /** Some condition travels, and may ask for environment and roles. */
  readonly asks: boolean;
  readonly trouble: Unresolved | undefined;
}

/** Of an envoy that had no policy. */
export const nothing: Intent = { kind: "intent", number: -1, resources: [], resolved: undefined };

export class Lists {
  readonly contents: Contents;
  readonly #lists = new WeakMap<readonly ResolvedResource[], List>();
  readonly #orders = new Map<number, Unresolved | undefined>();

  constructor(readonly registries: Registries) {
    this.contents = new Contents(registries);
  }

  intent(policy: Policy, subject: Subject): Intent | Unresolved {
    const resolved = resolve(policy, subject);
    if (resolved.kind === "unresolved") return resolved;
    const { resources, environment, roles } = resolved;
    const list = this.#list(resources);
    if (list.trouble !== undefined) return list.trouble;
    const asked = list.asks ? JSON.stringify([environment, roles]) : "";
    const number = this.contents.number(`intent ${list.number} ${asked}`);
    return { kind: "intent", number, resources, resolved };
  }

  /** The keys in the order they are converged; asked only of what can be put in order. */
  sequence(resources: readonly ResolvedResource[]): readonly string[] {
    const ordered = order(resources, this.registries);
    const placed: readonly OrderedResource[] = ordered.kind === "ordered" ? ordered.resources : [];
    return placed.map(({ resource }) => resource.key);
  }

  #list(resources: readonly ResolvedResource[]): List {
    const known = this.#lists.get(resources);
    if (known !== undefined) return known;
    const contents = resources.map((resource) => this.contents.of(resource));
    const refused = contents.flatMap((content) => content.refused);
    const shape = this.contents.number(`shape ${contents.map((each) => each.shape).join()}`);
    const made = {
      number: this.contents.number(`list ${contents.map((each) => each.number).join()}`),
      asks: resources.some(({ when }) => when !== undefined),
      trouble:
        refused.length > 0
          ? ({ kind: "unresolved", problems: refused } as const)
          : this.#trouble(shape, resources),
    };
    this.#lists.set(resources, made);
    return made;
  }

  #trouble(shape: number, resources: readonly ResolvedResource[]): Unresolved | undefined {
    if (this.#orders.has(shape)) return this.#orders.get(shape);
    const ordered = order(resources, this.registries);
    const trouble =
      ordered.kind === "ordered"
        ? undefined
        : ({ kind: "unresolved", problems: ordered.problems } as const);
    this.#orders.set(shape, trouble);
    return trouble;
  }
}
