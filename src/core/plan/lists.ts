/**
 * What one policy comes to for one envoy, as far as a plan must tell it from others: what says the same has one number, and envoys
 * whose lists differ in a few resources only are asked for these alone. Must not know that there are two policies.
 */
import { arrangementFor, isInPlace, placingFor } from "../bundle/arrangement.ts";
import { canonicalJson } from "../json.ts";
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
  /** The very same for envoys whose lists differ in `others` only. */
  readonly list: readonly ResolvedResource[];
  /** By place in the list, what this envoy has for itself. */
  readonly others: ReadonlyMap<number, ResolvedResource>;
  readonly resolved: Resolved | undefined;
}

/** Of an envoy that had no policy. */
export const nothing: Intent = {
  kind: "intent",
  list: [],
  others: new Map(),
  resolved: undefined,
};

export class Lists {
  readonly contents = new Contents();
  readonly #frames = new WeakMap<readonly ResolvedResource[], Map<string, number>>();
  readonly #conditions = new WeakMap<readonly ResolvedResource[], boolean>();

  constructor(readonly registries: Registries) {}

  intent(policy: Policy, subject: Subject): Intent | Unresolved {
    const resolved = resolve(policy, subject);
    if (resolved.kind === "unresolved") return resolved;
    const trouble = this.#trouble(resolved);
    if (trouble !== undefined) return trouble;
    const { variant } = resolved;
    if (variant === undefined)
      return { kind: "intent", list: resolved.resources, others: nothing.others, resolved };
    return { kind: "intent", list: variant.first, others: variant.others, resolved };
  }

  /** Envoys of one number get the same body. */
  number(intent: Intent): number {
    const { list, others, resolved } = intent;
    if (resolved === undefined) return -1;
    const own = [...others.values()].map(({ params }) => canonicalJson(params));
    const text = `${this.#frame(list, others)} ${this.wordsOf(intent)} ${own.join()}`;
    return this.contents.number(`intent ${text}`);
  }

  /** What conditions that travel may ask for; nothing where none does. */
  wordsOf({ list, resolved }: Intent): string {
    const asks = this.#conditions.get(list) ?? list.some(({ when }) => when !== undefined);
    this.#conditions.set(list, asks);
    return asks && resolved ? JSON.stringify([resolved.environment, resolved.roles]) : "";
  }

  /** The keys in the order they are converged. */
  sequence({ resolved }: Intent): readonly string[] {
    if (resolved === undefined) return [];
    const arrangement = arrangementFor(resolved, this.registries);
    if (arrangement.kind === "unresolved") return [];
    return arrangement.places.map(({ index }) => resolved.resources[index]?.key ?? "");
  }

  /** Why the list cannot be put in order. */
  #trouble(resolved: Resolved): Unresolved | undefined {
    const { variant, outline } = resolved;
    if (variant !== undefined) {
      const placing = placingFor({ resources: variant.first, outline }, this.registries);
      if (!("kind" in placing) && isInPlace(placing, variant.others, this.registries))
        return undefined;
    }
    const arrangement = arrangementFor(resolved, this.registries);
    return arrangement.kind === "unresolved" ? arrangement : undefined;
  }

  /** A number for a list without the parameters of these. */
  #frame(list: readonly ResolvedResource[], others: Intent["others"]): number {
    const frames = this.#frames.get(list) ?? new Map<string, number>();
    this.#frames.set(list, frames);
    const places = [...others.keys()].join();
    const known = frames.get(places);
    if (known !== undefined) return known;
    const { contents } = this;
    const numbers = list.map((one, at) => contents.of(others.has(at) ? bare(one) : one));
    const made = contents.number(`frame ${places} ${numbers.join()}`);
    frames.set(places, made);
    return made;
  }
}

const bare = (resource: ResolvedResource): ResolvedResource => ({ ...resource, params: {} });
