/**
 * From the text of a condition to a tree that is safe to walk: size, grammar, depth. Must not know types or traits.
 */
import type { ASTNode, Environment, ParseResult } from "@marcbachmann/cel-js";
import { library, limits, linearMatches } from "./cel.ts";
import type { ConditionError } from "./condition.ts";
import { names } from "./functions.ts";

export const refused = (message: string, offset: number, hint?: string): ConditionError => ({
  kind: "error",
  message,
  offset,
  ...(hint === undefined ? {} : { hint }),
});

export interface Parsed {
  readonly kind: "parsed";
  readonly program: ParseResult;
  readonly root: ASTNode;
}

export function parseSyntax(environment: Environment, source: string): Parsed | ConditionError {
  const bytes = Buffer.byteLength(source);
  if (bytes > limits.bytes)
    return refused(`a condition may have ${limits.bytes} bytes, this one has ${bytes}`, 0);
  if (source.trim() === "") return refused("there is no condition", 0, "take `when:` out");
  const first = parse(environment, source);
  if (first.kind === "error") return first;
  const { empty, matches, tooDeep } = survey(first.root);
  if (tooDeep !== undefined)
    return refused(`nested more than ${limits.depth} deep`, tooDeep, "use a list and `in`");
  if (empty.length > 0) return parseSyntax(environment, withoutParentheses(source, empty));
  for (const node of matches) (node.args as [string, ...unknown[]])[0] = linearMatches;
  return first;
}

function parse(environment: Environment, source: string): Parsed | ConditionError {
  try {
    const program = environment.parse(source);
    return { kind: "parsed", program, root: program.ast };
  } catch (error) {
    if (!(error instanceof library().ParseError)) throw error;
    return refused(sayParse(error.code, error.summary), error.range?.start ?? 0);
  }
}

const parseWords: Readonly<Record<string, string>> = {
  "Unexpected token: EOF": "the expression ends too early",
  "Unexpected character: =": "compare with ==, not =",
  "Unexpected character: &": "write &&",
  "Unexpected character: |": "write ||",
};

function sayParse(code: string, summary: string): string {
  if (code === "limit_exceeded") return "the expression is too long or nested too deep";
  if (code === "reserved_identifier")
    return summary.replace("Reserved identifier:", "reserved word");
  const said = parseWords[summary] ?? summary.replace("EOF", "the end");
  return said.charAt(0).toLowerCase() + said.slice(1);
}

interface Survey {
  /** Calls without arguments of what is a name: `is_vm()`. */
  readonly empty: readonly CallNode[];
  readonly matches: readonly ASTNode[];
  readonly tooDeep?: number;
}

/** Without recursion: the depth is not known to be bounded yet. */
function survey(root: ASTNode): Survey {
  const empty: CallNode[] = [];
  const matches: ASTNode[] = [];
  const open = [{ node: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (depth > limits.depth) return { empty, matches, tooDeep: node.start };
    if (isEmptyCall(node)) empty.push(node);
    if (node.op === "rcall" && node.args[0] === "matches") matches.push(node);
    for (const child of childrenOf(node)) open.push({ node: child, depth: depth + 1 });
  }
  return { empty, matches };
}

type CallNode = ASTNode & { readonly op: "call" };

const isEmptyCall = (node: ASTNode): node is CallNode =>
  node.op === "call" &&
  node.args[1].length === 0 &&
  names.some(({ name }) => name === node.args[0]);

/** `is_vm()` becomes `is_vm  `, so that every offset stays what it was. */
function withoutParentheses(source: string, empty: readonly CallNode[]): string {
  let text = source;
  for (const node of empty) {
    const end = node.start + node.args[0].length;
    text =
      text.slice(0, end) + text.slice(end, node.end).replace(/[^\n]/g, " ") + text.slice(node.end);
  }
  return text;
}

export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case "value":
    case "id":
      return [];
    case ".":
    case ".?":
      return [node.args[0]];
    case "call":
      return node.args[1];
    case "rcall":
      return [node.args[1], ...node.args[2]];
    case "map":
      return node.args.flat();
    case "!_":
    case "-_":
      return [node.args];
    default:
      return node.args;
  }
}
