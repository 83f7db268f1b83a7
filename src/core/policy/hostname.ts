/**
 * Patterns that hostnames are matched against: a glob (`*`, `?`, `[a-z]`, `[!a-z]`), or a regular expression between slashes
 * (RE2 syntax, found anywhere in the name). Case does not count; a star also covers dots. Must not know hostcrates.
 */
import type { RE2JS } from "re2js";

export interface HostPattern {
  readonly source: string;
  /** It is one name and no pattern. */
  readonly literal: boolean;
  /** What all names that it matches start with, in small letters; empty where that is not known. */
  readonly start: string;
  matches(hostname: string): boolean;
}

/** The words of what is wrong with it. */
export interface PatternError {
  readonly error: string;
}

export function hostPattern(source: string): HostPattern | PatternError {
  if (source === "") return { error: "an empty pattern" };
  if (source.length > 1024) return { error: "a pattern of more than 1,024 letters" };
  if (source.startsWith("/")) return regularExpression(source);
  const lower = source.toLowerCase();
  if (!/[*?[]/.test(source)) {
    const { length } = source;
    const matches = (name: string) => name.length === length && name.toLowerCase() === lower;
    return { source, literal: true, start: lower, matches };
  }
  const glob = compileGlob(lower);
  if ("error" in glob) return glob;
  const [start = ""] = lower.split(/[*?[]/, 1);
  const matches = (name: string) => {
    const letters = name.toLowerCase();
    return letters.startsWith(start) && fits(glob, [...letters]);
  };
  return { source, literal: false, start, matches };
}

function regularExpression(source: string): HostPattern | PatternError {
  if (source.length < 3 || !source.endsWith("/"))
    return { error: "a regular expression ends with a slash too: /^web-[0-9]+$/" };
  const pattern = linearPattern(source.slice(1, -1), "any case");
  return "error" in pattern
    ? pattern
    : { source, literal: false, start: "", matches: pattern.test };
}

/** A regular expression (RE2 syntax) that is found anywhere in a text, in time that grows with the text alone. */
export function linearPattern(
  source: string,
  letters: "any case" | "as written" = "as written",
): { test(text: string): boolean } | PatternError {
  const { RE2JS } = require("re2js") as typeof import("re2js");
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(
      source,
      letters === "any case" ? RE2JS.CASE_INSENSITIVE : RE2JS.MULTILINE,
    );
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith("RE2JS")) throw error;
    return { error: error.message };
  }
  return { test: (text) => compiled.matcher(text).find() };
}

/** One step of a glob: any run of letters, or exactly one letter. */
type Step = "run" | ((letter: string) => boolean);
type Glob = readonly Step[];

function compileGlob(pattern: string): Glob | PatternError {
  const steps: Step[] = [];
  const letters = [...pattern];
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? "";
    if (letter === "*") steps.push("run");
    else if (letter === "?") steps.push(() => true);
    else if (letter === "[") {
      const end = letters.indexOf("]", at + 2);
      if (end < 0) return { error: "a [ without its ]" };
      steps.push(oneOf(letters.slice(at + 1, end)));
      at = end;
    } else steps.push((other) => other === letter);
  }
  return steps;
}

function oneOf(inside: readonly string[]): (letter: string) => boolean {
  const negated = inside[0] === "!" || inside[0] === "^";
  const letters = negated ? inside.slice(1) : inside;
  const ranges: [string, string][] = [];
  for (let at = 0; at < letters.length; at++) {
    const from = letters[at] ?? "";
    const to = letters[at + 1] === "-" ? letters[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return (letter) => ranges.some(([from, to]) => from <= letter && letter <= to) !== negated;
}

/** Never more than steps × letters: after a mismatch only the last star is tried again. */
function fits(glob: Glob, letters: readonly string[]): boolean {
  let [step, letter] = [0, 0];
  let [star, resume] = [-1, 0];
  while (letter < letters.length) {
    const wanted = glob[step];
    if (wanted === "run") {
      star = step++;
      resume = letter;
    } else if (wanted?.(letters[letter] ?? "") === true) {
      step++;
      letter++;
    } else if (star >= 0) {
      step = star + 1;
      letter = ++resume;
    } else return false;
  }
  return glob.slice(step).every((rest) => rest === "run");
}
