/**
 * Package sources of apt as texts. Formats: sources.list(5), apt_preferences(5). Must not know files.
 */
import { VigoError } from "../errors.ts";

export interface AptSource {
  /** Lines of sources.list(5): `deb [options] uri suite components`. */
  readonly lines: readonly string[];
  readonly enabled: boolean;
  /** Path of the key that its index must be signed with. */
  readonly key?: string;
}

interface Parsed {
  readonly kind: string;
  readonly options: readonly (readonly [name: string, value: string])[];
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

const shape = /^(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+\S+)*)\s*$/;

/** Undefined for what is no such line. A suite that ends in a slash is a path, and has no components. */
export function parseSource(line: string): Parsed | undefined {
  const [, kind = "", options = "", uri = "", suite = "", rest = ""] = shape.exec(line) ?? [];
  const components = rest.split(/\s+/).filter(Boolean);
  if (!uri.includes(":") || suite.endsWith("/") !== (components.length === 0)) return undefined;
  const pairs = options.split(/\s+/).filter(Boolean);
  const isPair = pairs.every((pair) => /^[a-z-]+[+-]?=\S+$/.test(pair));
  if (!isPair) return undefined;
  return { kind, options: pairs.map((pair) => splitPair(pair)), uri, suite, components };
}

function splitPair(pair: string): readonly [string, string] {
  const sign = pair.indexOf("=");
  return [pair.slice(0, sign), pair.slice(sign + 1)];
}

const must = (line: string) => {
  const parsed = parseSource(line);
  if (parsed !== undefined) return parsed;
  throw new VigoError("failed", `${line}: is no line of sources.list`, {
    hint: "write it as: deb [arch=amd64] https://deb.example.net/debian bookworm main",
  });
};

/** One line a source; a disabled one is a comment. */
export const oneLineSources = ({ lines, enabled, key }: AptSource): string =>
  lines
    .map((line) => {
      const { kind, options, uri, suite, components } = must(line);
      const own = key === undefined ? options : [...options, ["signed-by", key] as const];
      const shown = own.map((pair) => pair.join("=")).join(" ");
      const words = [kind, ...(shown === "" ? [] : [`[${shown}]`]), uri, suite, ...components];
      return `${enabled ? "" : "# "}${words.join(" ")}\n`;
    })
    .join("");

/** Fields whose names are not those of the options. */
const renamed: Readonly<Record<string, string>> = {
  arch: "Architectures",
  lang: "Languages",
  target: "Targets",
  pdiffs: "PDiffs",
};

/** One stanza a source. */
export const deb822Sources = ({ lines, enabled, key }: AptSource): string =>
  lines
    .map((line) => {
      const { kind, options, uri, suite, components } = must(line);
      return [
        ...(enabled ? [] : ["Enabled: no"]),
        `Types: ${kind}`,
        `URIs: ${uri}`,
        `Suites: ${suite}`,
        ...(components.length === 0 ? [] : [`Components: ${components.join(" ")}`]),
        ...options.map(([name, value]) => `${fieldOf(name)}: ${value.replaceAll(",", " ")}`),
        ...(key === undefined ? [] : [`Signed-By: ${key}`]),
      ]
        .map((field) => `${field}\n`)
        .join("");
    })
    .join("\n");

/** `arch+` and `arch-` add and remove. */
function fieldOf(option: string): string {
  const [, name = "", sign = ""] = /^(.*?)([+-]?)$/.exec(option) ?? [];
  const plain = name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
  const verb = { "+": "-Add", "-": "-Remove" }[sign] ?? "";
  return `${renamed[name] ?? plain}${verb}`;
}

/** Hosts of the sources, each with this priority. */
export function preferences({ lines }: Pick<AptSource, "lines">, priority: number): string {
  const hosts = new Set(lines.map((line) => new URL(must(line).uri).hostname));
  return [...hosts]
    .map((host) => `Package: *\nPin: origin "${host}"\nPin-Priority: ${priority}\n`)
    .join("\n");
}
