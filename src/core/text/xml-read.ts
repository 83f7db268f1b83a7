/**
 * XML 1.0 read with the place of every element and attribute. Namespaces are names as they are written. Entities other than the
 * five of XML itself, and numbers, are refused. Must not change anything.
 */
import { unreadable } from "./splice.ts";

export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
  /** Of the blank before it, and of what is between its quotes. */
  readonly before: number;
  readonly start: number;
  readonly end: number;
  readonly quote: string;
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Of its own, without that of its children. */
  readonly text: string;
  /** Comments and the like among its content. */
  readonly isMixed: boolean;
  readonly start: number;
  /** Behind its start tag, before its end tag, behind that. */
  readonly inside: number;
  readonly close: number;
  readonly end: number;
  readonly isEmptyTag: boolean;
}

const deepest = 200;
const name = "[\\p{L}_:][\\p{L}\\p{N}_:.·-]*";

/** The root. Rejects with line and column of what is not XML. */
export function readXml(text: string): XmlElement {
  const reader = new Reader(text);
  reader.prolog();
  const root = reader.element(0);
  reader.prolog();
  if (reader.at < text.length) throw reader.stuck("something follows the root");
  return root;
}

class Reader {
  at = 0;

  constructor(readonly text: string) {}

  stuck(why: string) {
    return unreadable("XML", this.text, this.at, why);
  }

  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found?.[0].length ?? 0;
    return found;
  }

  /** Blanks, comments, processing instructions and the document type around the root. */
  prolog(): void {
    this.take(/(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^<>[]*(?:\[[^\]]*\]\s*)?>)*/y);
  }

  element(depth: number): XmlElement {
    const start = this.at;
    const tag = this.take(new RegExp(`<(${name})`, "uy"))?.[1];
    if (tag === undefined)
      throw this.stuck(start >= this.text.length ? "it ends too early" : "no element");
    if (depth > deepest) throw this.stuck("nested too deep");
    const attributes = this.#attributes();
    this.take(/\s*/y);
    const isEmptyTag = this.take(/\/>/y) !== null;
    if (!isEmptyTag && this.take(/>/y) === null) throw this.stuck(`the tag <${tag} has no end`);
    const inside = this.at;
    const common = { name: tag, attributes, start, inside };
    if (isEmptyTag)
      return {
        ...common,
        children: [],
        text: "",
        isMixed: false,
        close: inside,
        end: inside,
        isEmptyTag,
      };
    const content = this.#content(depth);
    const close = this.at;
    if (this.take(/<\/([^\s>]+)\s*>/y)?.[1] !== tag) {
      this.at = close;
      throw this.stuck(`no </${tag}>`);
    }
    return { ...common, ...content, close, end: this.at, isEmptyTag };
  }

  #attributes(): readonly XmlAttribute[] {
    const found: XmlAttribute[] = [];
    const pattern = new RegExp(`\\s+(${name})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, "uy");
    for (
      let before = this.at, one = this.take(pattern);
      one !== null;
      before = this.at, one = this.take(pattern)
    ) {
      const [, key = "", double, single] = one;
      const raw = double ?? single ?? "";
      if (found.some((other) => other.name === key))
        throw this.stuck(`the attribute ${key} is there twice`);
      const end = this.at - 1;
      found.push({
        name: key,
        value: this.#decoded(raw),
        before,
        start: end - raw.length,
        end,
        quote: double === undefined ? "'" : '"',
      });
    }
    return found;
  }

  #content(depth: number) {
    const children: XmlElement[] = [];
    let text = "";
    let isMixed = false;
    for (;;) {
      text += this.#decoded(this.take(/[^<]*/y)?.[0] ?? "");
      const data = this.take(/<!\[CDATA\[([\s\S]*?)\]\]>/y);
      const other = data ?? this.take(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/y);
      if (data !== null) text += data[1] ?? "";
      if (other !== null) isMixed = true;
      else if (this.text.startsWith("</", this.at)) return { children, text, isMixed };
      else children.push(this.element(depth + 1));
    }
  }

  #decoded(raw: string): string {
    return raw.replace(/&([^;&\s]{0,10};?)/g, (whole, entity: string) => {
      const number = /^#(?:x([0-9a-fA-F]+)|(\d+));$/.exec(entity);
      const code =
        number === null
          ? undefined
          : Number.parseInt(number[1] ?? number[2] ?? "", number[1] === undefined ? 10 : 16);
      const plain =
        code === undefined
          ? entities.get(entity)
          : code <= 0x10ffff
            ? String.fromCodePoint(code)
            : undefined;
      if (plain === undefined) throw this.stuck(`${whole} is not known before this place`);
      return plain;
    });
  }
}

const entities: ReadonlyMap<string, string> = new Map([
  ["lt;", "<"],
  ["gt;", ">"],
  ["amp;", "&"],
  ["quot;", '"'],
  ["apos;", "'"],
]);
