/**
 * Numbers for what resources say, so that two policies' lists are compared by number: resources that envoys share are spelled
 * once, and what was rendered anew to the same words has the same number. Must not know envoys.
 */
import { canonicalJson } from "../json.ts";
import { sha256Hex } from "../pki/keys.ts";
import type { ResolvedResource } from "../policy/model.ts";

export class Contents {
  readonly #known = new WeakMap<ResolvedResource, number>();
  readonly #numbers = new Map<string, number>();

  /** Equal for resources that say the same. */
  of(resource: ResolvedResource): number {
    const known = this.#known.get(resource);
    if (known !== undefined) return known;
    const { place, needs, notifies, ...rest } = resource;
    const edges = { needs: keysOf(needs), notifies: keysOf(notifies) };
    const made = this.number(canonicalJson({ ...rest, ...edges }));
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
}

/** In the order of the text: two spellings of one set are the same. */
export const keysOf = (edges: ResolvedResource["needs"]): readonly string[] =>
  edges.map(({ key }) => key).sort();
