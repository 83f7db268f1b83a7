/** Words for a variable that is not there, with what was probably meant. Must not know the engine beyond its error. */
import { didYouMean } from "../../did-you-mean.ts";
import type { TemplateScope } from "./template.ts";

export interface Missing {
  readonly message: string;
  readonly hint?: string;
}

export function undefinedVariable(error: unknown, scope: TemplateScope): Missing {
  const name = nameIn(error);
  const guess = nearest(name.split("."), scope);
  return {
    message: `${name} is not set`,
    hint:
      guess === undefined
        ? `give it a default: {{ ${name} | default: "…" }}`
        : `did you mean ${guess}?`,
  };
}

const nameIn = (error: unknown): string =>
  typeof error === "object" && error !== null && "variableName" in error
    ? String(error.variableName)
    : "a variable";

/** Follows the path as far as it goes, and guesses the first key that is not there. */
function nearest(path: readonly string[], scope: object): string | undefined {
  let at: unknown = scope;
  for (const [index, key] of path.entries()) {
    if (typeof at !== "object" || at === null) return undefined;
    const values = at as Readonly<Record<string, unknown>>;
    if (!Object.hasOwn(values, key)) {
      const guess = didYouMean(key, Object.keys(values));
      return guess && [...path.slice(0, index), guess].join(".");
    }
    at = values[key];
  }
  return undefined;
}
