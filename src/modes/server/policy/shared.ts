/** Bodies held once however many envoys intend them, and no longer than one does. Must not know envoys. */
import type { Intended } from "./intended.ts";

export class Shared {
  readonly #held = new Map<string, WeakRef<Intended>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#held.get(key)?.deref() === undefined) this.#held.delete(key);
  });
  /** The lists of words of envoys are few, and mostly the very same: each is spelled once. */
  readonly #spelled = new WeakMap<readonly string[], string>();

  /** The one that is held already, or this one from now on. */
  hold(intended: Intended): Intended {
    const { digest, environment, roles, configcrates, intervalMs } = intended;
    const name = Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString("latin1");
    const words = `${this.#spell(roles)} ${this.#spell(configcrates)}`;
    const key = `${name}${environment === undefined ? 0 : JSON.stringify(environment)} ${intervalMs} ${words}`;
    const held = this.#held.get(key)?.deref();
    if (held !== undefined) return held;
    this.#held.set(key, new WeakRef(intended));
    this.#gone.register(intended, key);
    return intended;
  }

  #spell(words: readonly string[]): string {
    const known = this.#spelled.get(words);
    if (known !== undefined) return known;
    const text = JSON.stringify(words);
    this.#spelled.set(words, text);
    return text;
  }
}
