/**
 * Traits as the server is told them: without the secrets that this agent knows. Costs nothing on a machine that has none. Must not
 * know how they travel.
 */
import type { Section } from "../../core/collect.ts";
import type { Redactor } from "../../core/redact.ts";
import { traits } from "../../core/traits/index.ts";

/** It needs the shapes of traits, which an agent without secrets has no use for. */
const redaction = () =>
  require("../../core/redact-traits.ts") as typeof import("../../core/redact-traits.ts");

interface Looked {
  readonly hash: string;
  readonly learnt: number;
  readonly section: Section;
}

export class HiddenTraits {
  readonly #redactor: Redactor;
  readonly #lacksSecrets: () => boolean;
  /** By name: what has not changed since is not looked at again. */
  readonly #looked = new Map<string, Looked>();

  constructor(redactor: Redactor, lacksSecrets: () => boolean) {
    this.#redactor = redactor;
    this.#lacksSecrets = lacksSecrets;
  }

  /** Another number than before: there is more to hide. */
  get learnt(): number {
    return this.#redactor.learnt;
  }

  /** An agent that has just begun has not been told yet what it must not tell. */
  get isTooEarly(): boolean {
    return this.#lacksSecrets();
  }

  text(text: string): string {
    return this.#redactor.text(text);
  }

  of(section: Section): Section {
    const { learnt } = this;
    if (learnt === 0) return section;
    const { name, hash, collectedAt, stale } = section;
    const last = this.#looked.get(name);
    if (last?.hash === hash && last.learnt === learnt)
      return { ...last.section, collectedAt, stale };
    const trait = traits.find((each) => each.name === name);
    const hidden = redaction().withoutSecrets(section, trait, this.#redactor);
    this.#looked.set(name, { hash, learnt, section: hidden });
    return hidden;
  }
}
