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
  readonly #kept: () => readonly Section[];
  /** By name: what has not changed since is not looked at again. */
  readonly #looked = new Map<string, Looked>();

  /** Of the sections on disk, by name, while they are what may be told. */
  #free: ReadonlyMap<string, Section> | undefined;

  /** `kept`: what was written down last when the secrets were known, or when there were none; nothing of it holds one. */
  constructor(
    redactor: Redactor,
    lacksSecrets: () => boolean,
    kept: () => readonly Section[] = () => [],
  ) {
    this.#redactor = redactor;
    this.#lacksSecrets = lacksSecrets;
    this.#kept = kept;
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

  /** As it may leave this machine now; undefined while that cannot be known. */
  told(section: Section): Section | undefined {
    const hidden = this.of(section);
    if (!this.isTooEarly) {
      this.#free = undefined;
      return hidden;
    }
    this.#free ??= new Map(this.#kept().map((one) => [one.name, one]));
    const trait = traits.find(({ name }) => name === section.name);
    const before = this.#free.get(section.name);
    return redaction().saysNothingNew(hidden, before, trait) ? hidden : undefined;
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
