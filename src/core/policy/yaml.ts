/**
 * YAML 1.2 text to nodes with places, within limits. What cannot be read is a problem with its place, never an exception.
 * Must not know which keys the language has.
 */
import { Composer, type CST, type Document } from "yaml";
import type { Findings } from "./findings.ts";
import { limits } from "./limits.ts";
import type { Node } from "./node.ts";
import { Source } from "./source.ts";
import { toNode } from "./yaml-node.ts";
import { tokensOf } from "./yaml-tokens.ts";
import { readUsual } from "./yaml-usual.ts";

/** After so many the reader is lost, and the rest follows from the first. */
const mostErrors = 20;

/** Undefined for an empty file, and for one that cannot be read (then a problem says why). */
export const readYaml = (file: string, text: string, found: Findings): Node | undefined =>
  readUsual(file, text) ?? readAnyYaml(file, text, found);

/** The same by the library alone, which knows all of YAML and is slow. */
export function readAnyYaml(file: string, text: string, found: Findings): Node | undefined {
  const source = new Source(file, text);
  const result = tokensOf(text);
  if ("tooMuch" in result) {
    tooMuch(source, result.tooMuch, result.offset, found);
    return undefined;
  }
  const [first, second] = compose(result.tokens, source, found);
  if (second !== undefined)
    found.problem("VG208", source.at(second.range[0]), "---", {
      message: "a second document in one file",
      hint: "put it into a file of its own",
    });
  if (first === undefined || second !== undefined || complained(first, source, found))
    return undefined;
  return toNode(first.contents, source, found);
}

const options = {
  version: "1.2",
  schema: "core",
  merge: false,
  prettyErrors: false,
  uniqueKeys: false,
  logLevel: "silent",
} as const;

function compose(tokens: readonly CST.Token[], source: Source, found: Findings) {
  const directive = tokens.find((token) => token.type === "directive");
  if (directive !== undefined)
    found.problem("VG208", source.at(directive.offset), source.textAt(directive.offset), {
      message: "a YAML directive",
      hint: "take the line out",
    });
  return directive === undefined ? [...new Composer(options).compose(tokens)] : [];
}

function complained(document: Document.Parsed, source: Source, found: Findings): boolean {
  for (const { pos, message } of document.errors.slice(0, mostErrors))
    found.problem("VG204", source.at(pos[0]), source.textAt(pos[0]), {
      message: `not YAML: ${lowerFirst(message)}`,
      hint: /(?:^|[:\-[,]\s+)\{[{%]/.test(source.lineAt(pos[0]))
        ? "put quotes around a value that begins with {{"
        : waysOut.find(([said]) => said.test(message))?.[1],
    });
  return document.errors.length > 0;
}

/** By what the reader says. */
const waysOut: readonly (readonly [said: RegExp, hint: string])[] = [
  [/compact mappings/, "put quotes around a value with a colon in it, or mend the indentation"],
  [/cannot start with/, "put quotes around the value"],
  [/tabs are not allowed/i, "indent with blanks"],
  [/missing closing/i, "close the quote"],
  [
    /sufficiently indented/,
    "a bracket before this place is not closed, or its lines stand too far left",
  ],
];

function tooMuch(source: Source, what: "nodes" | "depth", offset: number, found: Findings) {
  const message =
    what === "nodes"
      ? `more than ${limits.nodes.toLocaleString("en")} values in one file`
      : `maps and lists nested more than ${limits.depth} deep`;
  found.problem("VG206", source.at(offset), source.textAt(offset), {
    message,
    hint: what === "nodes" ? "split the file" : "flatten it",
  });
}

const lowerFirst = (message: string) => message.charAt(0).toLowerCase() + message.slice(1);
