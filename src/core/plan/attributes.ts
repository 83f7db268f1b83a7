/**
 * How two resources of one key differ, attribute by attribute, in words that fit a screen. Values of what is sensitive are not
 * shown, nor anything made from them. Must not know envoys.
 */
import type { BodyCondition } from "../bundle/body.ts";
import { bodyCondition } from "../bundle/body-condition.ts";
import { isSecretNode, writtenAs } from "../policy/secrets.ts";
import { canonicalJson, type Json } from "../json.ts";
import { sha256Hex } from "../pki/keys.ts";
import type { Registries, Resolved, ResolvedResource } from "../policy/model.ts";
import { unifiedDiff } from "../text/diff.ts";
import { keysOf } from "./contents.ts";
import type { PlannedAttribute } from "./plan.ts";

export interface Compared {
  readonly shown: PlannedAttribute;
  /** Equal for differences that are identical, whatever is not shown of them. */
  readonly identity: string;
}

/** A resource with what its condition may ask for. */
export interface Sided {
  readonly resource: ResolvedResource;
  readonly resolved: Resolved | undefined;
}

/** Only attributes that differ, by name; `before` undefined: all that it has. */
export function compareResources(
  before: Sided | undefined,
  after: Sided,
  registries: Registries,
): readonly Compared[] {
  const [old, now] = [
    before ? attributesOf(before, registries) : {},
    attributesOf(after, registries),
  ];
  const sensitive = before?.resource.sensitive === true || after.resource.sensitive === true;
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    const [from, to] = [old[name], now[name]];
    if (from === to || spelled(from) === spelled(to)) return [];
    return [compared(name, from, to, sensitive || secretNames.test(name))];
  });
}

/** Beside `sensitive: true`: what says by its name that it lets somebody in. */
const secretNames = /(?:^|_)(?:password|passphrase|secret|token|private_key)$/;
/** About the resource itself, so there is nothing in them to hide. */
const common = new Set([
  "noop",
  "revert",
  "sensitive",
  "timeout",
  "retries",
  "depends_on",
  "notify",
]);

type Attributes = Readonly<Record<string, Json | undefined>>;

/** By the names they are written with. Automatic edges follow from the rest, and are no attribute. */
function attributesOf({ resource, resolved }: Sided, registries: Registries): Attributes {
  const { params, needs, notifies, when, noop, revert, sensitive, timeout_ms, retries } = resource;
  return {
    ...params,
    ...(needs.length > 0 && { depends_on: keysOf(needs) }),
    ...(notifies.length > 0 && { notify: keysOf(notifies) }),
    ...(when && resolved && { when: spelledCondition(bodyCondition(when, resolved, registries)) }),
    ...(noop && { noop }),
    ...(revert && { revert }),
    ...(sensitive && { sensitive }),
    ...(timeout_ms !== undefined && { timeout: `${timeout_ms} ms` }),
    ...(retries !== undefined && { retries }),
  };
}

/** The source alone unless it takes something along. */
const spelledCondition = ({ source, ...taken }: BodyCondition): string =>
  Object.keys(taken).length === 0 ? source : `${source} with ${canonicalJson(taken)}`;

const spelled = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : canonicalJson(value);

function compared(
  attribute: string,
  from: Json | undefined,
  to: Json | undefined,
  secret: boolean,
): Compared {
  if (secret && !common.has(attribute))
    return { shown: { attribute, hidden: true }, identity: attribute };
  const [old, now] = [textOf(from), textOf(to)];
  const diff = from !== undefined && isLong(old, now) ? linesThatDiffer(old, now) : undefined;
  const values = sha256Hex(JSON.stringify([old ?? null, now ?? null]));
  // What was cut off may differ still.
  if (diff !== undefined)
    return {
      shown: { attribute, diff },
      identity: `${attribute}\n${diff.includes("…") ? values : diff}`,
    };
  const shown = {
    attribute,
    ...(old === undefined ? {} : { from: cut(old) }),
    ...(now === undefined ? {} : { to: cut(now) }),
  };
  return { shown, identity: `${attribute}\n${values}` };
}

function textOf(value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return secretName(value) ?? canonicalJson(value);
}

/** A reference is all that the server has of a secret; shown as it is written. */
const secretName = (value: Json): string | undefined => {
  if (!isSecretNode(value)) return undefined;
  return "$secret" in value ? `secret:${value.$secret}` : writtenAs(value);
};

const longest = 200;

const isLong = (old: string | undefined, now: string | undefined): boolean =>
  [old, now].some((text) => text !== undefined && (text.includes("\n") || text.length > longest));

/** Without the lines around and their numbers, so that files which differ elsewhere may still change alike. */
function linesThatDiffer(old: string | undefined, now: string | undefined): string | undefined {
  const bytes = (text = "") => new TextEncoder().encode(text);
  const lines = unifiedDiff(bytes(old), bytes(now))?.split("\n");
  const differing = lines?.filter((line) => /^[-+\\]/.test(line) || line.startsWith("…"));
  return differing === undefined || differing.length === 0 ? undefined : differing.join("\n");
}

/** On one line; a longer one says how long it is. */
function cut(text: string): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest)}… (${text.length} characters)`;
}
