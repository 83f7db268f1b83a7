/** The words of a TOML text one after another: keys, texts, numbers, blanks and line ends. Must not know tables. */
import type { Json } from "../json.ts";
import { unreadable } from "./splice.ts";
import { escapes, letterOf, wordValue } from "./toml-words.ts";

export class TomlScanner {
  at = 0;

  constructor(readonly text: string) {}

  stuck(why: string, at = this.at) {
    return unreadable("TOML", this.text, at, why);
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  /** Blank lines and comments. */
  lines(): void {
    this.take(/(?:[ \t\r\n]|#[^\n]*)*/y);
  }

  lineEnd(): void {
    this.take(/[ \t]*(?:#[^\r\n]*)?/y);
    if (this.at < this.text.length && this.take(/\r?\n/y) === undefined)
      throw this.stuck("something follows the value on its line");
  }

  keys(): readonly string[] {
    const keys: string[] = [];
    do {
      this.take(/[ \t]*/y);
      const bare = this.take(/[A-Za-z0-9_-]+/y);
      keys.push(bare ?? this.#quotedKey());
      this.take(/[ \t]*/y);
    } while (this.take(/\./y) !== undefined);
    return keys;
  }

  #quotedKey(): string {
    if (!/["']/.test(this.text[this.at] ?? "")) throw this.stuck("no key");
    return this.#line();
  }

  /** A text on one line. */
  #line(): string {
    const found = this.take(/"(?:[^"\\\r\n]|\\[^\r\n])*"|'[^'\r\n]*'/y);
    if (found === undefined) throw this.stuck("a text without an end");
    return found.startsWith("'")
      ? this.#literal(found.slice(1, -1))
      : this.#basic(found.slice(1, -1));
  }

  #literal(inner: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the format forbids
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r(?!\n)/.test(inner))
      throw this.stuck("a letter that must be escaped");
    return inner;
  }

  #basic(inner: string): string {
    const joined = this.#literal(inner).replace(/\\[ \t]*\r?\n[ \t\r\n]*/g, "\\\n");
    return joined.replace(
      /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g,
      (_, short, long, sign) => {
        if (sign === "\n") return "";
        const code = short ?? long;
        const plain = code === undefined ? escapes.get(sign) : letterOf(Number.parseInt(code, 16));
        if (plain === undefined) throw this.stuck("an escape that TOML does not have");
        return plain;
      },
    );
  }

  quoted(): string {
    const long = this.take(
      /"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*?"{3,5}(?!")|'''(?:[^']|'{1,2}(?!'))*?'{3,5}(?!')/y,
    );
    if (long === undefined) {
      if (/^(?:"""|''')/.test(this.text.slice(this.at, this.at + 3)))
        throw this.stuck("a text without an end");
      return this.#line();
    }
    const inner = long.slice(3, -3).replace(/^\r?\n/, "");
    return (long.startsWith('"') ? this.#basic(inner) : this.#literal(inner)).replaceAll(
      "\r\n",
      "\n",
    );
  }

  word(): Json {
    const start = this.at;
    const word = this.take(
      /(?:\d{4}-\d\d-\d\d [0-9:.]+|[A-Za-z0-9+_.:-]+)(?:[zZ]|[-+]\d\d:\d\d)?/y,
    );
    const value = word === undefined ? undefined : wordValue(word);
    if (value === undefined) throw this.stuck("no value that TOML has", start);
    return value;
  }
}
