/**
 * Splits YAML text into syntax tokens and gives up early on what would be too big to compose: a list of a million items
 * costs gigabytes otherwise (facts.md). Must not know what the tokens mean.
 */
import { type CST, Lexer, Parser, CST as syntax } from "yaml";
import { limits } from "./limits.ts";

/** Lexemes that begin a value. A plain scalar is announced by the control character the lexer calls `scalar`. */
const beginners: ReadonlySet<string> = new Set([
  "scalar",
  "single-quoted-scalar",
  "double-quoted-scalar",
  "alias",
  "flow-seq-start",
  "flow-map-start",
  "seq-item-ind",
  "explicit-key-ind",
  "doc-start",
]);

/** Blanks, colons, commas and comments around each value; beyond it the text is made to be slow. */
const lexemesPerNode = 8;

export type Tokens =
  | { readonly tokens: readonly CST.Token[] }
  | { readonly tooMuch: "nodes" | "depth"; readonly offset: number };

export function tokensOf(text: string): Tokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let nodes = 0;
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const type = syntax.tokenType(lexeme);
    if (type !== null && beginners.has(type)) nodes++;
    if (nodes > limits.nodes || ++lexemes > limits.nodes * lexemesPerNode)
      return { tooMuch: "nodes", offset: parser.offset };
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > deepest) return { tooMuch: "depth", offset: parser.offset };
  }
  tokens.push(...parser.end());
  return { tokens };
}

/** The stack also holds the document and the scalar being read. */
const deepest = limits.depth + 2;
