/** The filters that the language adds to Liquid's (language.md, "Templates"). Pure; must not know the engine's insides. */
import type { Liquid } from "liquidjs";
import { VigoError } from "../../errors.ts";
import type { Json } from "../../json.ts";
import { sha256Hex } from "../../pki/keys.ts";
import { holdsSecret, isSealed, type SecretFilter, SecretUse, secretFilters } from "../secrets.ts";
import { networkOf } from "./ip-network.ts";
import { compareSemver } from "./semver.ts";
import { toToml } from "./toml.ts";

type FilterFunction = (value: unknown, ...given: readonly unknown[]) => unknown;

const filters: Readonly<Record<string, FilterFunction>> = {
  /** `| json` on one line, `| json: 2` indented. */
  json: (value, blanks) =>
    JSON.stringify(value ?? null, null, blanks === undefined ? 0 : Number(blanks)),
  /** Without the last line end, so that `| indent` and the text around decide. Quotes what YAML 1.1 would misread too. */
  yaml: (value) => (require("./to-yaml.ts") as typeof import("./to-yaml.ts")).toYaml(value),
  toml: (value) => toToml(value as Json),
  /** One word for a POSIX shell, whatever is in it. */
  shell_quote: (value) => `'${textOf(value).replaceAll("'", `'\\''`)}'`,
  sha256: (value) => sha256Hex(textOf(value)),
  base64: (value) => Buffer.from(textOf(value)).toString("base64"),
  /** Blanks before each line that is not empty. */
  indent: (value, count = 2) =>
    textOf(value).replace(/^(?=[^\n])/gm, " ".repeat(within(Number(count), 0, 100))),
  /** The network an address is in: `10.1.2.3/24` → `10.1.2.0/24`. */
  ip_network: (value) => networkOf(textOf(value)),
  /** -1, 0 or 1, by the precedence of Semantic Versioning 2.0. */
  semver_compare: (value, other) => compareSemver(textOf(value), textOf(other)),
};

export function addFilters(liquid: Liquid): void {
  for (const [name, filter] of Object.entries(filters))
    liquid.registerFilter(name, (value: unknown, ...given: readonly unknown[]) => {
      if (isSealed(value) && isForSecrets(name)) return value.through(name, ...given.map(plain));
      if (holdsSecret(value) || given.some(holdsSecret))
        throw new SecretUse(
          `${name} cannot take ${isSealed(value) ? "a secret" : "what holds a secret"}`,
        );
      return filter(value, ...given);
    });
  const date = liquid.filters["date"] as (this: unknown, ...given: unknown[]) => unknown;
  liquid.registerFilter("date", function (value: unknown, ...given: unknown[]) {
    if (value === "now" || value === "today")
      throw new Error("a template cannot ask for the time: it would render differently every time");
    return date.call(this, value, ...given);
  });
}

/** What the agent does once it has the value (semantics §6): by the same functions as templates. */
export function applySecretFilters(value: string, chain: readonly SecretFilter[]): string {
  return chain.reduce((text, [name, ...given]) => {
    const filter = isForSecrets(name) ? filters[name] : undefined;
    if (filter === undefined)
      throw new VigoError("invalid", `this agent has no filter ${name} for secrets`, {
        hint: "update the agent",
      });
    return String(filter(text, ...given));
  }, value);
}

const isForSecrets = (name: string): boolean => secretFilters.some((one) => one === name);

function plain(given: unknown): string | number | boolean {
  if (typeof given === "string" || typeof given === "number" || typeof given === "boolean")
    return given;
  throw new SecretUse("a filter of a secret takes numbers and texts only");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  throw new Error(`this filter takes a text, not a ${Array.isArray(value) ? "list" : "map"}`);
}

const within = (number: number, least: number, most: number) =>
  Math.min(Math.max(Number.isInteger(number) ? number : least, least), most);
