/**
 * The roots of envoys' kept traits, kept beside the envoys so that a start need not read millions of hashes. A root is of the traits
 * that this server knows; where that was another set, or sections came after it was written, it is made of the hashes again.
 * Must not know check-ins.
 */
import type { AnyTraitType } from "../../../core/trait.ts";
import { keptTraits, sectionHash, traitsRoot } from "../../../core/wire/traits-root.ts";
import type { TraitStore } from "../store/store.ts";
import type { Envoy } from "./envoy.ts";

/** Envoys whose hashes are asked for together. */
const chunk = 200;

export class Roots {
  readonly #names: ReadonlySet<string>;
  /** Says of which traits a root is. */
  readonly #mark: string;

  constructor(registry: readonly AnyTraitType[]) {
    this.#names = keptTraits(registry);
    this.#mark = `${sectionHash([...this.#names].sort().join("\n")).slice(0, 16)}:`;
  }

  /** As the store keeps it. */
  kept({ traitsRoot: root }: Pick<Envoy, "traitsRoot">): string {
    return root === undefined ? "" : this.#mark + Buffer.from(root).toString("hex");
  }

  /** Gives each envoy its root; `written` is what the store had. */
  async load(
    envoys: ReadonlyMap<string, Envoy>,
    written: ReadonlyMap<string, string>,
    store: Pick<TraitStore, "hashes">,
  ): Promise<void> {
    const unknown: string[] = [];
    for (const [id, envoy] of envoys) {
      const root = written.get(id);
      if (root?.startsWith(this.#mark) === true)
        envoy.traitsRoot = Buffer.from(root.slice(this.#mark.length), "hex");
      else unknown.push(id);
    }
    for (let at = 0; at < unknown.length; at += chunk)
      await this.#make(unknown.slice(at, at + chunk), envoys, store);
  }

  async #make(
    ids: readonly string[],
    envoys: ReadonlyMap<string, Envoy>,
    store: Pick<TraitStore, "hashes">,
  ): Promise<void> {
    const kept = (await store.hashes(ids)).filter(({ section }) => this.#names.has(section));
    for (const [id, rows] of Map.groupBy(kept, ({ envoyId }) => envoyId)) {
      const envoy = envoys.get(id);
      if (envoy !== undefined)
        envoy.traitsRoot = traitsRoot(rows.map(({ section, hash }) => [section, hash]));
    }
  }
}
