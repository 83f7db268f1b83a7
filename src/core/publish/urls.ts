/**
 * The addresses that a policy tells hosts to fetch from, each with its place. A text with a template is rendered: with vars alone
 * for the made-up hosts that the other gates look at, and with what a host has told for each host that is known. What holds a
 * secret is known to its host only. Must not ask anybody.
 */
import { sampleHosts } from "../bundle/sample-hosts.ts";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import { dependsOnVarsOnly } from "../policy/host-dependence.ts";
import type { Place, ResolvedResource, Subject } from "../policy/model.ts";
import { nodeAt, scalarsOf, writtenOf } from "../policy/node.ts";
import { choicesOf, type Policy, type ReadyResource } from "../policy/policy.ts";
import { resolve } from "../policy/resolve.ts";

export interface UsedUrl {
  readonly url: string;
  /** `download/url`, for messages. */
  readonly parameter: string;
  /** Of its first use. */
  readonly place: Place;
  /** The first host that would fetch it, where it is another for others. */
  readonly host?: string;
  /** A host that answers is enough: a repository's root need not be a page, and some ask for more than an address. */
  readonly anyAnswer: boolean;
  /** Parameters of the resources that name it, canonical. */
  readonly users: ReadonlySet<string>;
}

type Found = UsedUrl & { readonly users: Set<string> };

/** By their texts, in the order of the tree and then of the hosts. */
export class Addresses {
  readonly #policy: Policy;
  readonly #found = new Map<string, Found>();
  /** Places of resources whose addresses only a real host makes known. */
  readonly #open: ReadonlySet<Place>;
  /** Hosts share lists and resources; each is looked at once. */
  readonly #seen = new WeakSet<object>();
  readonly #lists = new WeakMap<object, readonly number[]>();
  /** The first parameter that differs by host: `download/url`. */
  readonly firstOpen: { readonly parameter: string; readonly place: Place } | undefined;

  constructor(policy: Policy) {
    this.#policy = policy;
    const open = new Map<Place, string>();
    for (const { resource, choice } of choicesIn(policy)) {
      collectWritten(choice, this.#found);
      const name = dependsOnVarsOnly(resource) ? undefined : openUrl(choice);
      if (name !== undefined) open.set(choice.declared.place, name);
    }
    this.#open = new Set(open.keys());
    const [first] = open;
    this.firstOpen = first && { place: first[0], parameter: first[1] };
    for (const host of sampleHosts(policy)) this.#addRendered(host, false);
  }

  get found(): ReadonlyMap<string, UsedUrl> {
    return this.#found;
  }

  /** What this host would fetch. */
  add(host: Subject): void {
    this.#addRendered(host, true);
  }

  #addRendered(host: Subject, isReal: boolean): void {
    const resolved = resolve(this.#policy, host);
    if (resolved.kind === "unresolved") return;
    const hostname = isReal ? host.hostname : undefined;
    const { variant } = resolved;
    const list = variant?.first ?? resolved.resources;
    const own = variant?.others ?? new Map<number, ResolvedResource>();
    for (const index of this.#openIn(list)) {
      const one = own.get(index) ?? list[index];
      if (one !== undefined) this.#addResource(one, hostname);
    }
    for (const one of own.values()) this.#addResource(one, hostname);
  }

  /** Where in a list those stand that are another for others; what is the same for all that share it is taken at once. */
  #openIn(list: readonly ResolvedResource[]): readonly number[] {
    const known = this.#lists.get(list);
    if (known !== undefined) return known;
    const open: number[] = [];
    for (const [index, one] of list.entries())
      if (this.#open.has(one.place)) open.push(index);
      else this.#addResource(one, undefined);
    this.#lists.set(list, open);
    return open;
  }

  #addResource(resource: ResolvedResource, host: string | undefined): void {
    const { type, params, place } = resource;
    const open = this.#open.has(place);
    if (this.#seen.has(resource) || (open && host === undefined)) return;
    this.#seen.add(resource);
    collect({ type, params, placeOf: () => place, ...(open && host && { host }) }, this.#found);
  }
}

function* choicesIn({ crates }: Policy) {
  for (const { resources } of crates.values())
    for (const resource of resources)
      for (const choice of choicesOf(resource)) yield { resource, choice };
}

/** Of a resource that is not the same everywhere: which of its addresses is no plain text. */
function openUrl({ declared: { type, params }, templates }: ReadyResource): string | undefined {
  for (const { node, path } of scalarsOf(params)) {
    const name = String(path[0]);
    if (named.test(name) && templates.has(node)) return `${type.name}/${name}`;
  }
  return undefined;
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
  readonly host?: string;
  placeOf(parameter: string): Place;
}

/** Of what there is to fetch; `repo` is where a repository stands. */
const named = /^(?:source_|key_)?urls?$|^repo$/;

function collect({ type, params, host, placeOf }: Source, found: Map<string, Found>): void {
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
          ...(host === undefined ? {} : { host }),
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
