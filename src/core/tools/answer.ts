/**
 * Fields of what a program answers as JSON or a property list, whatever the answer is: a field that is not of its kind is empty. Must not
 * know who answers.
 */
import { VigoError } from "../errors.ts";
import { headOf } from "../text/cut.ts";

/** Rejects with `failed` for what is no JSON, with its beginning. */
export function jsonFrom(program: string, printed: string): unknown {
  try {
    return JSON.parse(printed);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new VigoError("failed", `${program} answered no JSON: ${headOf(printed, 300)}`, {
      cause,
    });
  }
}

const fieldOf = (answer: unknown, name: string): unknown =>
  typeof answer === "object" && answer !== null && Object.hasOwn(answer, name)
    ? (answer as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Empty: none. A number is told as a text too: serial numbers of digits are no other ones. */
export function textOf(answer: unknown, name: string): string {
  const value = fieldOf(answer, name);
  return typeof value === "string" ? value : typeof value === "number" ? `${value}` : "";
}

/** 0: none, or not a number. */
export function numberOf(answer: unknown, name: string): number {
  const value = fieldOf(answer, name);
  const figure = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof figure === "number" && Number.isFinite(figure) ? figure : 0;
}

/** A whole number that is not below 0, as most figures are. */
export const countOf = (answer: unknown, name: string): number =>
  Math.max(0, Math.floor(numberOf(answer, name)));

/** Undefined: it does not say. */
export function flagOf(answer: unknown, name: string): boolean | undefined {
  const value = fieldOf(answer, name);
  return typeof value === "boolean" ? value : undefined;
}

/**
 * PowerShell 5.1 gives a list of one as that one, an empty one as nothing, and one that it has wrapped before as `{value: […], Count: n}`.
 */
export function listOf(answer: unknown, name: string): readonly unknown[] {
  const found = fieldOf(answer, name);
  const wrapped = fieldOf(found, "Count") === undefined ? undefined : fieldOf(found, "value");
  const value = Array.isArray(wrapped) ? wrapped : found;
  if (value === undefined || value === null || value === "") return [];
  return Array.isArray(value) ? value : [value];
}

export const textsOf = (answer: unknown, name: string): string[] =>
  listOf(answer, name).flatMap((item) => (typeof item === "string" && item !== "" ? [item] : []));
