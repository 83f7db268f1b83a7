/** Bodies held once however many envoys intend them, and no longer than one does. Must not know envoys. */
import type { Intended } from "./intended.ts";

export class Shared {
  readonly #held = new Map<string, WeakRef<Intended>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#held.get(key)?.deref() === undefined) this.#held.delete(key);
  });

  /** The one that is held already, or this one from now on. */
  hold(intended: Intended): Intended {
    const { digest, environment, roles, configcrates, intervalMs } = intended;
    const name = Buffer.from(digest).toString("hex");
    const key = JSON.stringify([name, environment, roles, configcrates, intervalMs]);
    const held = this.#held.get(key)?.deref();
    if (held !== undefined) return held;
    this.#held.set(key, new WeakRef(intended));
    this.#gone.register(intended, key);
    return intended;
  }
}
