/** Collects what is wrong with a tree, so that everything is shown at once. Must not know any rule. */
import type { Problem, ProblemCode } from "../problem.ts";
import type { Code } from "./codes.ts";
import type { Place } from "./model.ts";

/** The end of one line of findings: message, and the way out when there is one. */
export interface Words {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** More than this, and the operator is served better by mending the first ones. */
const most = 500;

export const problemAt = (
  code: Code & ProblemCode,
  place: Place,
  text: string,
  { message, hint }: Words,
): Problem => ({
  code,
  file: place.file,
  line: place.line,
  column: place.column,
  text: printable(text),
  message: printable(message),
  ...(hint === undefined ? {} : { hint: printable(hint) }),
});

/** Policy text is shown on terminals, where control characters could rewrite the screen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in it
const printable = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, "·");

export class Findings {
  // Most have nothing to say, and there are many.
  #problems: Map<string, Problem> | undefined;
  #warnings: Map<string, Problem> | undefined;
  #left = 0;

  problem(code: Code, place: Place, text: string, words: Words): void {
    this.add([problemAt(code, place, text, words)]);
  }

  warning(code: Code, place: Place, text: string, words: Words): void {
    this.#warnings ??= new Map();
    keep(this.#warnings, problemAt(code, place, text, words));
  }

  add(problems: readonly Problem[]): void {
    for (const problem of problems) this.#keep(problem);
  }

  #keep(problem: Problem): void {
    this.#problems ??= new Map();
    if (!keep(this.#problems, problem)) this.#left++;
  }

  /** Is there a problem at this very place already? */
  saysAt({ file, line, column }: Place): boolean {
    const start = `${file}\0${line}\0${column}\0`;
    return [...(this.#problems?.keys() ?? [])].some((key) => key.startsWith(start));
  }

  /** Is there a problem of this kind, and is this one more, on the same line? */
  saysOfLine(kind: Code, { code, file, line }: Problem): boolean {
    return (
      code === kind &&
      this.problems.some((one) => one.code === kind && one.file === file && one.line === line)
    );
  }

  /** How many problems there are, those that were not kept included. */
  get count(): number {
    return (this.#problems?.size ?? 0) + this.#left;
  }

  /** Not even a warning. */
  get isEmpty(): boolean {
    return this.count === 0 && this.#warnings === undefined;
  }

  /** All that another has found. */
  take(other: Findings): void {
    for (const problem of other.#problems?.values() ?? []) this.#keep(problem);
    this.#warnings ??= other.#warnings && new Map();
    for (const warning of other.#warnings?.values() ?? [])
      if (this.#warnings) keep(this.#warnings, warning);
    this.#left += other.#left;
  }

  /** In reading order: by file, line, column, code. The same thing is said once. */
  get problems(): readonly Problem[] {
    const problems = inOrder(this.#problems);
    const last = problems.at(-1);
    if (this.#left === 0 || last === undefined) return problems;
    const message = `and ${this.#left.toLocaleString("en")} more problems; mend these first`;
    return [...problems, problemAt("VG906", last, "…", { message })];
  }

  get warnings(): readonly Problem[] {
    return inOrder(this.#warnings);
  }
}

/** False when there is no room for it. */
function keep(found: Map<string, Problem>, problem: Problem): boolean {
  const { file, line, column, code, message } = problem;
  const key = `${file}\0${line}\0${column}\0${code}\0${message}`;
  if (found.size >= most && !found.has(key)) return false;
  found.set(key, problem);
  return true;
}

const inOrder = (found: ReadonlyMap<string, Problem> = new Map()): readonly Problem[] =>
  [...found.values()].sort(
    (a, b) =>
      Buffer.compare(Buffer.from(a.file), Buffer.from(b.file)) ||
      a.line - b.line ||
      a.column - b.column ||
      Number(a.code > b.code) - Number(a.code < b.code),
  );
