/** Property lists of macOS in XML (plist(5)), read strictly: what Apple's parser would refuse throws. Must not know what they are for. */
import { VigoError } from "../errors.ts";

interface Token {
  readonly kind: "open" | "close" | "text";
  readonly value: string;
}

const unreadable = (why: string) => new VigoError("failed", `not a property list: ${why}`);

/** Dates and bytes are given as they stand there. */
const texts: ReadonlySet<string> = new Set(["string", "date", "data"]);

const element = /<(\/?)(\w+)(?: version="1\.0")?(\/?)>|([^<]+)/g;

function tokensOf(text: string): readonly Token[] {
  const body = text
    .replace(/^<\?xml[^>]*\?>\s*<!DOCTYPE plist [^>]*>/, "")
    .replace(/<!--[\s\S]*?-->/g, "");
  return [...body.matchAll(element)].flatMap(([, end, name, empty, words = ""]): Token[] => {
    if (name === undefined)
      return words.trim() === "" ? [] : [{ kind: "text", value: decoded(words) }];
    const [open, close]: [Token, Token] = [
      { kind: "open", value: name },
      { kind: "close", value: name },
    ];
    if (empty === "/") return [open, close];
    return end === "/" ? [close] : [open];
  });
}

/** The five names of XML, and numbers. */
const decoded = (words: string): string =>
  words.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (_, dec, hex, name) =>
      name === undefined
        ? String.fromCodePoint(Math.min(0x10_ffff, Number.parseInt(dec ?? hex, hex ? 16 : 10)))
        : (named[name as keyof typeof named] ?? ""),
  );
const named = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" } as const;

/** The value of the list. Every element is closed, and nothing stands where it has no place. */
export function propertyList(text: string): unknown {
  const tokens = [...tokensOf(text)];
  const take = (kind: Token["kind"], value?: string): string => {
    const token = tokens.shift();
    if (token?.kind === kind && token.value === (value ?? token.value)) return token.value;
    throw unreadable(`${kind} ${value ?? ""} was expected, not ${JSON.stringify(token)}`);
  };
  const untilClosed = <T>(name: string, next: () => T): readonly T[] => {
    const found: T[] = [];
    while (tokens[0]?.kind !== "close") found.push(next());
    take("close", name);
    return found;
  };
  const textIn = (name: string) => untilClosed(name, () => take("text")).join("");
  const keyed = (): [string, unknown] => {
    take("open", "key");
    return [textIn("key"), value()];
  };
  const value = (): unknown => {
    const name = take("open");
    if (texts.has(name)) return textIn(name);
    if (name === "real") return Number.parseFloat(textIn(name));
    if (name === "integer") return Number.parseInt(textIn(name), 10);
    if (name === "array") return untilClosed(name, value);
    if (name === "dict") return Object.fromEntries(untilClosed(name, keyed));
    if (name !== "true" && name !== "false") throw unreadable(`<${name}> is no value`);
    take("close", name);
    return name === "true";
  };
  take("open", "plist");
  const read = value();
  take("close", "plist");
  if (tokens.length > 0) throw unreadable("there is more after </plist>");
  return read;
}
