/**
 * What was made of the very same things without a word of complaint is not made again: of a tree that was published before, only
 * what differs is looked at. What was complained of is made anew every time, so that it is said every time. Must not know what is
 * made.
 */
import { Findings } from "./findings.ts";

interface Remembered<V> {
  readonly rest: readonly unknown[];
  readonly value: V;
}

/** Of two things; a third that varies rarely has more than a few faces. */
const kept = 4;

export class Clean<V> {
  readonly #known = new WeakMap<object, WeakMap<object, readonly Remembered<V>[]>>();

  /** `one`, `other` and `rest` are all that the result depends on, told apart by identity. */
  of(
    one: object,
    other: object,
    rest: readonly unknown[],
    found: Findings,
    make: (found: Findings) => V,
  ): V {
    const beside = this.#known.get(one) ?? new WeakMap<object, readonly Remembered<V>[]>();
    this.#known.set(one, beside);
    const all = beside.get(other) ?? [];
    const known = all.find((each) => areSame(each.rest, rest));
    if (known !== undefined) return known.value;
    const own = new Findings();
    const value = make(own);
    if (own.isEmpty) beside.set(other, [{ rest, value }, ...all.slice(0, kept - 1)]);
    else found.take(own);
    return value;
  }
}

export const areSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.length === others.length && some.every((one, at) => one === others[at]);
