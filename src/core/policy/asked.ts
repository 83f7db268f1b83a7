/** What a configcrate's rendering depends on of one host, besides its vars. Must not know what is rendered. */
import type { Json } from "../json.ts";
import type { Decision, Decisions } from "./decisions.ts";
import type { Subject } from "./model.ts";
import type { ReadyCrate } from "./policy.ts";
import { isMap } from "./vars.ts";
import type { Condition } from "./when/condition.ts";

/** What one host answered; the same question comes from many configcrates. */
export class Asked {
  readonly decided = new Map<Condition, Decision>();
  readonly #traits = new Map<readonly string[], string>();
  readonly #byText = new Map<string, string>();

  constructor(readonly subject: Subject) {}

  /** Everything of the host that a rendering of this configcrate depends on, besides its name, vars and decisions. */
  key({ reads }: ReadyCrate, decisions: Decisions): string {
    return decisions.crate === "out" || reads.traits.length === 0
      ? ""
      : reads.traits.map((path) => this.#trait(path)).join("\n");
  }

  #trait(path: readonly string[]): string {
    const known = this.#traits.get(path);
    if (known !== undefined) return known;
    const text = path.join("\0");
    const value = this.#byText.get(text) ?? JSON.stringify(keyAt(this.subject.traits, path));
    this.#byText.set(text, value);
    this.#traits.set(path, value);
    return value;
  }
}

/**
 * What stands at a path, in a list of its own; for nothing a longer one, by how many keys lead somewhere, because what is wrong then
 * says which key is missing. Where keys end (a list, `size`), all that is there.
 */
export function keyAt(
  values: Readonly<Record<string, Json>>,
  path: readonly string[],
): readonly Json[] {
  let value: Json = values;
  for (const [depth, key] of path.entries()) {
    if (!isMap(value)) return [value];
    const inner: Json | undefined = value[key];
    if (inner === undefined)
      return ["size", "first", "last"].includes(key) ? [value] : [null, depth];
    value = inner;
  }
  return [value];
}
