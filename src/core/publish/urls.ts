/**
 * The addresses that a policy tells hosts to fetch from, each with its place. A text with a template is rendered for the made-up
 * hosts that the other gates look at; what reads traits, or holds a secret, is not known before a host asks. Must not ask anybody.
 */
import { sampleHosts } from "../bundle/sample-hosts.ts";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import type { Place } from "../policy/model.ts";
import { nodeAt, scalarsOf, writtenOf } from "../policy/node.ts";
import { choicesOf, type Policy, type ReadyResource } from "../policy/policy.ts";
import { resolve } from "../policy/resolve.ts";

export interface UsedUrl {
  readonly url: string;
  /** `download/url`, for messages. */
  readonly parameter: string;
  /** Of its first use. */
  readonly place: Place;
  /** A host that answers is enough: a repository's root need not be a page, and some ask for more than an address. */
  readonly anyAnswer: boolean;
  /** Parameters of the resources that name it, canonical. */
  readonly users: ReadonlySet<string>;
}

type Found = UsedUrl & { readonly users: Set<string> };

/** By their texts, in the order of the tree. */
export function urlsOf(policy: Policy): ReadonlyMap<string, UsedUrl> {
  const found = new Map<string, Found>();
  for (const { resources } of policy.crates.values())
    for (const resource of resources)
      for (const choice of choicesOf(resource)) collectWritten(choice, found);
  for (const host of sampleHosts(policy)) {
    const resolved = resolve(policy, host);
    if (resolved.kind === "resolved")
      for (const { type, params, place } of resolved.resources)
        collect({ type, params, placeOf: () => place }, found);
  }
  return found;
}

/** Those that stand there as they are, each at its own letter. */
function collectWritten({ declared, templates }: ReadyResource, found: Map<string, Found>): void {
  const { type, params } = declared;
  const open = new Set(
    [...scalarsOf(params)].filter(({ node }) => templates.has(node)).map(({ path }) => path[0]),
  );
  const written = Object.entries(writtenOf(params) as JsonObject);
  collect(
    {
      type: type.name,
      params: Object.fromEntries(written.filter(([name]) => !open.has(name))),
      placeOf: (name) => nodeAt(params, [name]).place,
    },
    found,
  );
}

interface Source {
  readonly type: string;
  readonly params: JsonObject;
  placeOf(parameter: string): Place;
}

/** Of what there is to fetch; `repo` is where a repository stands. */
const named = /^(?:source_|key_)?urls?$|^repo$/;

function collect({ type, params, placeOf }: Source, found: Map<string, Found>): void {
  if (params["state"] === "absent") return;
  for (const name of Object.keys(params).filter((one) => named.test(one)))
    for (const url of addressesIn(params[name])) {
      const known = found.get(url);
      if (known !== undefined) known.users.add(canonicalJson([type, params]));
      else
        found.set(url, {
          url,
          parameter: `${type}/${name}`,
          place: placeOf(name),
          anyAnswer: name === "repo" || params["headers"] !== undefined,
          users: new Set([canonicalJson([type, params])]),
        });
    }
}

/** `deb http://deb.example.org/debian bookworm main` holds one too. */
function addressesIn(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one: Json) => addressesIn(one));
  if (typeof value !== "string") return [];
  return value.split(/\s+/).filter((word) => /^https?:\/\//i.test(word));
}

/** New ones, and those of resources that say something else than before. */
export function changedUrls(
  now: ReadonlyMap<string, UsedUrl>,
  before: ReadonlyMap<string, UsedUrl>,
): readonly UsedUrl[] {
  return [...now.values()].filter(({ url, users }) => {
    const former = before.get(url);
    return former === undefined || [...users].some((user) => !former.users.has(user));
  });
}
