/** Property lists of macOS in XML, read strictly: what Apple's parser would refuse throws. Must not know what they are for. */

interface Token {
  readonly kind: "open" | "close" | "text";
  readonly value: string;
}

const element = /<(\/?)(\w+)(?: version="1\.0")?(\/?)>|([^<]+)/g;

function tokensOf(text: string): readonly Token[] {
  const body = text
    .replace(/^<\?xml[^>]*\?>\s*<!DOCTYPE plist [^>]*>/, "")
    .replace(/<!--[\s\S]*?-->/g, "");
  return [...body.matchAll(element)].flatMap(([, end, name, empty, words = ""]): Token[] => {
    if (name === undefined) return words.trim() === "" ? [] : [{ kind: "text", value: words }];
    const [open, close]: [Token, Token] = [
      { kind: "open", value: name },
      { kind: "close", value: name },
    ];
    if (empty === "/") return [open, close];
    return end === "/" ? [close] : [open];
  });
}

/** The value of the list. Every element is closed, and nothing stands where it has no place. */
export function propertyList(text: string): unknown {
  const tokens = [...tokensOf(text)];
  const take = (kind: Token["kind"], value?: string): string => {
    const token = tokens.shift();
    if (token?.kind === kind && token.value === (value ?? token.value)) return token.value;
    throw new Error(`${kind} ${value ?? ""} was expected, not ${JSON.stringify(token)}`);
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
    if (name === "string") return textIn(name);
    if (name === "integer") return Number.parseInt(textIn(name), 10);
    if (name === "array") return untilClosed(name, value);
    if (name === "dict") return Object.fromEntries(untilClosed(name, keyed));
    if (name !== "true" && name !== "false") throw new Error(`<${name}> is no value`);
    take("close", name);
    return name === "true";
  };
  take("open", "plist");
  const read = value();
  take("close", "plist");
  if (tokens.length > 0) throw new Error("there is more after </plist>");
  return read;
}
