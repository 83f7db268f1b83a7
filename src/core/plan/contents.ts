/**
 * Numbers for what resources say, so that two policies' lists are compared by number: resources that envoys share are spelled
 * once, and what was rendered anew to the same words has the same number. Must not know envoys.
 */
import { examine } from "../graph/examine.ts";
import { canonicalJson } from "../json.ts";
import { sha256Hex } from "../pki/keys.ts";
import type { Registries, ResolvedResource } from "../policy/model.ts";
import type { Problem } from "../problem.ts";

export interface Content {
  /** Equal for resources that say the same. */
  readonly number: number;
  /** Equal for resources that the graph treats alike, whatever their other parameters say. */
  readonly shape: number;
  /** Why its type refuses it. */
  readonly refused: readonly Problem[];
}

export class Contents {
  readonly #known = new WeakMap<ResolvedResource, Content>();
  readonly #numbers = new Map<string, number>();

  constructor(readonly registries: Registries) {}

  of(resource: ResolvedResource): Content {
    const known = this.#known.get(resource);
    if (known !== undefined) return known;
    const made = this.#look(resource);
    this.#known.set(resource, made);
    return made;
  }

  /** A number for a text, the same for the same text. */
  number(text: string): number {
    const digest = text.length > 64 ? sha256Hex(text) : text;
    const known = this.#numbers.get(digest);
    if (known !== undefined) return known;
    this.#numbers.set(digest, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  #look(resource: ResolvedResource): Content {
    const { place, needs, notifies, ...rest } = resource;
    const edges = { needs: keysOf(needs), notifies: keysOf(notifies) };
    const { claims, after, absent, problems } = examine(resource, this.registries);
    const { key, noop } = resource;
    return {
      number: this.number(canonicalJson({ ...rest, ...edges })),
      // Where it was written is part of it, because problems of the graph name the place.
      shape: this.number(canonicalJson({ key, noop, claims, after, absent, place, ...edges })),
      refused: problems,
    };
  }
}

/** In the order of the text: two spellings of one set are the same. */
export const keysOf = (edges: ResolvedResource["needs"]): readonly string[] =>
  edges.map(({ key }) => key).sort();
