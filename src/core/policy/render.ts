/**
 * The resources of one configcrate for hosts that look alike to it: expanded by `foreach`, rendered, held to their schemas.
 * Must not know which other configcrates there are, nor edges.
 */
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import { claimsOf, isAction } from "../resource.ts";
import type { Decision, Decisions } from "./decisions.ts";
import { problemAt, Findings } from "./findings.ts";
import { guardrail } from "./guardrails.ts";
import { dependsOnVarsOnly } from "./host-dependence.ts";
import { expand, isCrateKey, type Item } from "./items.ts";
import { limits } from "./limits.ts";
import type { Place, ResolvedCondition } from "./model.ts";
import { clip, type Node, placeWithin } from "./node.ts";
import { keepRead, refusals } from "./parameters.ts";
import type { ReadyCrate, ReadyResource, ReadySelect, SourceFile } from "./policy.ts";
import { paramsWith, placeOfRefusal, readAsWritten, sourceFile } from "./ready-resource.ts";
import { joined, renderText, renderValue } from "./render-values.ts";
import { holdsSecret, isSealed, SecretUse, spelled, withStandIns } from "./secrets.ts";
import type { TemplateScope } from "./template/template.ts";

/** One resource, or one expansion of it, rendered; its edges come later. */
export interface Instance {
  readonly key: string;
  readonly crate: string;
  readonly name: string;
  readonly item: string | undefined;
  /** Which expansion of its configcrate it is in. */
  readonly crateItem: string | undefined;
  readonly resource: ReadyResource;
  readonly params: JsonObject;
  readonly when: ResolvedCondition | undefined;
  /** No action, and no condition of its own is left to the envoy: it runs, and passes a failure on. */
  readonly sure: boolean;
}

export interface RenderedCrate {
  readonly instances: readonly Instance[];
  readonly problems: readonly Problem[];
}

export interface Circumstances {
  readonly decisions: Decisions;
  /** As this configcrate sees them. */
  readonly vars: JsonObject;
  readonly traits: Readonly<Record<string, Json>>;
  readonly envoy: { readonly id: string; readonly hostname: string };
  /** Files under `templates/`, for a `source:` that is a template itself. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * What resources that read vars alone have come to, for hosts of the same vars to whom the configcrate matters alike: two for each
 * resource, by whether its condition travels.
 */
export type Shared = (readonly Instance[] | undefined)[];

export function renderCrate(
  crate: ReadyCrate,
  host: Circumstances,
  shared: Shared = [],
): RenderedCrate {
  const found = new Findings();
  const instances: Instance[] = [];
  const { foreach, declared } = crate;
  const once: readonly (Item | undefined)[] = [undefined];
  const around = { vars: host.vars, item: undefined };
  const items =
    foreach === undefined ? once : expand(foreach, around, declared.name, found, isCrateKey);
  for (const item of items) {
    if (isTooMuch(instances)) break;
    new Rendering(crate, host, item, instances, found, shared).all();
  }
  if (isTooMuch(instances)) sayTooMuch(crate, found);
  return { instances, problems: found.problems };
}

/** Loops inside loops end where no host could take more. */
const isTooMuch = ({ length }: readonly Instance[]): boolean => length > limits.resourcesPerEnvoy;

function sayTooMuch({ declared: { name, place } }: ReadyCrate, found: Findings): void {
  found.problem("VG904", place, name, {
    message: `configcrate ${name} comes to more than ${limits.resourcesPerEnvoy} resources on one host`,
    hint: "a foreach inside a foreach multiplies; are the lists the right ones?",
  });
}

/** Of one configcrate, or of one expansion of it. */
class Rendering {
  constructor(
    readonly crate: ReadyCrate,
    readonly host: Circumstances,
    readonly crateItem: Item | undefined,
    readonly instances: Instance[],
    readonly found: Findings,
    readonly shared: Shared,
  ) {}

  all(): void {
    for (const [index, decision] of this.host.decisions.resources.entries()) {
      const resource = this.crate.resources[index];
      if (resource !== undefined && decision !== "out" && !isTooMuch(this.instances))
        this.#once(resource, decision, index);
    }
  }

  /** What cannot differ between hosts of the same vars is rendered for the first of them, unless there is something to say. */
  #once(resource: ReadyResource, decision: Decision, index: number): void {
    const slot = 2 * index + (decision === "travels" ? 1 : 0);
    const known = this.shared[slot];
    if (known !== undefined) {
      for (const instance of known) this.instances.push(instance);
      return;
    }
    const [said, there] = [this.found.count, this.instances.length];
    this.#resource(resource, decision);
    if (this.crateItem === undefined && this.found.count === said && dependsOnVarsOnly(resource))
      this.shared[slot] = this.instances.slice(there);
  }

  #resource(resource: ReadyResource, decision: Decision): void {
    const { foreach, declared } = resource;
    if (foreach === undefined) {
      this.#instance(resource, decision, undefined);
      return;
    }
    const around = { vars: this.host.vars, item: this.crateItem?.item };
    for (const item of expand(foreach, around, declared.name, this.found)) {
      if (isTooMuch(this.instances)) return;
      this.#instance(resource, decision, item);
    }
  }

  #instance(resource: ReadyResource, decision: Decision, item: Item | undefined): void {
    const { declared } = resource;
    const { name, type } = declared;
    const chosen = this.#chosen(resource, item);
    const params = chosen && (chosen.constant ?? this.#params(chosen, item));
    if (chosen === undefined || params === undefined) return;
    const asked = withStandIns(params);
    const result = readAsWritten(chosen, params) ?? type.params.safeParse(asked);
    if (!result.success) {
      this.#refused(chosen, params);
      return;
    }
    if (asked !== params && this.#namesSecret(resource, params, result.data)) return;
    const action = isAction(type, result.data);
    this.#guard(resource, result.data, action);
    if (asked === params) keepRead(params, result.data);
    const key = `${declared.crate}${bracketed(this.crateItem)}/${name}${bracketed(item)}`;
    const when = this.#when(resource, decision, action);
    this.instances.push({
      key,
      crate: declared.crate,
      name,
      item: item?.key,
      crateItem: this.crateItem?.key,
      resource,
      params,
      when,
      sure: !action && !(decision === "travels"),
    });
  }

  /** Asked once more with another text in place of its secrets: what it manages must be the same. */
  #namesSecret(
    { declared: { type, place, name } }: ReadyResource,
    params: JsonObject,
    data: object,
  ) {
    const other = type.params.safeParse(withStandIns(params, "another"));
    const owned = (one: object) => canonicalJson(claimsOf(type, one));
    if (other.success && owned(other.data) === owned(data)) return false;
    this.#say("VG513", place, name, "a secret cannot name what a resource manages");
    return true;
  }

  /** What `select:` makes of it for this host. */
  #chosen(resource: ReadyResource, item: Item | undefined): ReadyResource | undefined {
    const { select } = resource;
    if (select === undefined) return resource;
    const { on, place, cases, otherwise } = select;
    const before = this.found.count;
    if (cases.size === 0) return undefined;
    const at = (line: number, column: number) => placeWithin(place, line, column);
    const value = renderText(on, this.#scope(item), at, this.found);
    if (this.found.count > before) return undefined;
    if (holdsSecret(value)) {
      this.#say("VG513", place.place, clip(place.source), "a secret cannot choose");
      return undefined;
    }
    const chosen = cases.get(String(value)) ?? otherwise;
    if (chosen === undefined) this.#unmatched(select, value);
    return chosen;
  }

  #unmatched({ place, cases }: ReadySelect, value: Json): void {
    const shown = clip(typeof value === "string" ? value : JSON.stringify(value));
    const known = [...cases.keys()].slice(0, 12).join(", ");
    this.found.problem("VG511", place.place, shown, {
      message: `select has no case for "${shown}"`,
      hint: `it has ${known}; add one, or \`default: {…}\``,
    });
  }

  #scope(item: Item | undefined): TemplateScope {
    const { vars, traits, envoy } = this.host;
    const inner = item ?? this.crateItem;
    return {
      ...{ vars, traits, envoy },
      ...(inner === undefined ? {} : { item: inner.item }),
      ...(this.crateItem === undefined ? {} : { crate: { item: this.crateItem.item } }),
    };
  }

  #refused({ declared }: ReadyResource, params: JsonObject): void {
    for (const refusal of refusals(declared.type, withStandIns(params), [], [])) {
      const { place, text } = placeOfRefusal(refusal, declared);
      this.#say(refusal.code as "VG501", place, text, refusal.message);
    }
  }

  /** What the text alone did not show at publish. */
  #guard({ declared, notified }: ReadyResource, params: object, action: boolean): void {
    const { place, name, type, revert } = declared;
    const reason = guardrail(type, params);
    if (reason !== undefined) this.#say("VG801", place, name, `refused: ${reason}`);
    if (action && !notified && !revert)
      this.#say("VG701", place, name, `${name} is an action here, and nobody notifies it`);
  }

  #params(
    { declared, templates, source }: ReadyResource,
    item: Item | undefined,
  ): JsonObject | undefined {
    const { files } = this.host;
    const scope = this.#scope(item);
    const before = this.found.count;
    const rendered = renderValue(declared.params, templates, scope, this.found) as JsonObject;
    const written = declared.params.entries.get("source")?.value;
    const named =
      written?.kind === "scalar" && templates.has(written) ? rendered["source"] : undefined;
    const file =
      source ?? (typeof named === "string" ? this.#file(named, files, written) : undefined);
    const params =
      file?.kind === "template" ? this.#content(rendered, file, scope) : paramsWith(rendered, file);
    return this.found.count > before ? undefined : this.#spelled(params, declared.place);
  }

  /** From here on a secret is plain JSON, and nothing else may look like one. */
  #spelled(params: JsonObject, place: Place): JsonObject | undefined {
    try {
      return spelled(params) as JsonObject;
    } catch (error) {
      if (!(error instanceof SecretUse)) throw error;
      this.#say("VG513", place, "", `it renders to ${error.message}, which only Vigo may write`);
      return undefined;
    }
  }

  #file(name: string, files: ReadonlyMap<string, Uint8Array>, written: Node | undefined) {
    const bytes = files.get(name);
    if (bytes !== undefined) return sourceFile(name, bytes, this.found);
    if (written !== undefined)
      this.#say("VG403", written.place, name, `there is no template file "${clip(name)}"`);
    return undefined;
  }

  #content(
    params: JsonObject,
    { file, template }: SourceFile & { kind: "template" },
    scope: TemplateScope,
  ) {
    const { source: _, ...rest } = params;
    const at = (line: number, column: number) => ({ file, line, column });
    const content = renderText(template, scope, at, this.found);
    return {
      ...rest,
      content: typeof content === "string" || isSealed(content) ? content : String(content),
    };
  }

  #when({ when, declared }: ReadyResource, decision: Decision, action: boolean) {
    const own = decision === "travels" && !(action && when?.changed) ? when : undefined;
    const crate = this.host.decisions.crate === "travels" ? this.crate.when : undefined;
    if (own === undefined && crate === undefined) return undefined;
    const both = [crate, own].filter((condition) => condition !== undefined);
    return joined(both, this.host.vars, declared.place, this.found);
  }

  #say(code: Parameters<typeof problemAt>[0], place: Place, text: string, message: string): void {
    this.found.add([problemAt(code, place, text, { message })]);
  }
}

const bracketed = (item: Item | undefined): string => (item === undefined ? "" : `[${item.key}]`);
