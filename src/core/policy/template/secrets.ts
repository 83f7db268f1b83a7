/**
 * Secrets in templates. `secret{path}` in the text becomes an expression of the same length, so that places stay true; what is
 * printed is a mark that no text can hold by chance, and the marks become a value again afterwards. Must not know the engine.
 */
import { randomBytes } from "node:crypto";
import { type Sealed, type SecretNode, SecretUse, sealed, secretsIn } from "../secrets.ts";
import type { Json } from "../../json.ts";

/** Names from a private range of Unicode: nobody writes them, and LiquidJS takes them for names. */
const firstName = 0xe000;
const mostNames = 6_000;

export interface Holes {
  /** The template with expressions in place of its references. */
  readonly source: string;
  /** What those expressions read. */
  readonly scope: ReadonlyMap<string, Json>;
}

/** Undefined where there are none. Throws `SecretUse` for a reference inside a tag. */
export function holesIn(source: string): Holes | undefined {
  const found = secretsIn(source);
  if (found.length === 0) return undefined;
  if (found.length > mostNames) throw new SecretUse(`a text may name ${mostNames} secrets`);
  const scope = new Map<string, Json>();
  let [made, end] = ["", 0];
  for (const [index, { path, at, length }] of found.entries()) {
    if (isInside(source, at))
      throw new SecretUse(
        `secret{${path}} stands inside a tag: give a var the secret, and name the var`,
      );
    const name = String.fromCodePoint(firstName + index);
    scope.set(name, sealed({ $secret: path }));
    made += `${source.slice(end, at)}{{${name.padEnd(length - 4)}}}`;
    end = at + length;
  }
  return { source: made + source.slice(end), scope };
}

function isInside(source: string, at: number): boolean {
  const open = Math.max(source.lastIndexOf("{{", at), source.lastIndexOf("{%", at));
  const close = Math.max(source.lastIndexOf("}}", at), source.lastIndexOf("%}", at));
  return open > close;
}

/** Of this process. Its letters are such that whatever escapes, quotes, cuts or changes case breaks it, and that shows. */
const secretOfProcess = randomBytes(16).toString("hex");
const mark = (index: number) => `\n <"'\\&%+ aZ${secretOfProcess}-${index} >\n`;
const anyMark = new RegExp(mark(0).replace(/[\\+]/g, "\\$&").replace("-0 ", "-(\\d+) "), "g");

/** What one rendering has printed. */
export class Marks {
  readonly #printed: SecretNode[] = [];

  print(value: Sealed): string {
    return mark(this.#printed.push(value.node) - 1);
  }

  /** Throws `SecretUse` when something was done to a mark after it was printed, as `capture` allows. */
  restore(text: string): Json {
    if (this.#printed.length === 0) return text;
    const parts: (string | SecretNode)[] = [];
    const seen = new Set<number>();
    let end = 0;
    for (const { 0: all, 1: number, index: at } of text.matchAll(anyMark)) {
      const node = this.#printed[Number(number)];
      if (node === undefined) continue;
      if (at > end) parts.push(text.slice(end, at));
      parts.push(node);
      seen.add(Number(number));
      end = at + all.length;
    }
    if (end < text.length) parts.push(text.slice(end));
    if (seen.size < this.#printed.length || parts.some(isBroken))
      throw new SecretUse("a text with a secret in it was captured and then changed or left out");
    return sealed({ $text: parts });
  }
}

const isBroken = (part: string | SecretNode): boolean =>
  typeof part === "string" && part.toLowerCase().includes(secretOfProcess);
