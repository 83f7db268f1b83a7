/**
 * A policy that has passed its gates, ready to be resolved for any number of hosts: references are links, conditions and
 * templates are parsed. `validate` is its one maker.
 */
import type { Json, JsonObject } from "../json.ts";
import type { Configcrate, Declared, Hostcrate, Resource } from "./declared.ts";
import type { HostPattern } from "./hostname.ts";
import type { Place, Registries } from "./model.ts";
import type { ScalarNode } from "./node.ts";
import type { Link } from "./references.ts";
import type { Template } from "./template/template.ts";
import type { Condition } from "./when/condition.ts";

export interface Policy {
  readonly declared: Declared;
  readonly registries: Registries;
  /** In the order they are tried. */
  readonly hostcrates: readonly ReadyHostcrate[];
  readonly crates: ReadonlyMap<string, ReadyCrate>;
  readonly links: readonly Link[];
}

export interface ReadyHostcrate {
  readonly declared: Hostcrate;
  /** Any of them; empty: every name. */
  readonly patterns: readonly HostPattern[];
  readonly where: Condition | undefined;
}

export interface ReadyCrate {
  readonly declared: Configcrate;
  readonly when: Condition | undefined;
  readonly foreach: Foreach | undefined;
  readonly resources: readonly ReadyResource[];
  /** Everything its rendering depends on. */
  readonly reads: Reads;
}

export interface ReadyResource {
  readonly declared: Resource;
  readonly when: Condition | undefined;
  readonly foreach: Foreach | undefined;
  /** What its parameters are chosen by; then all that is said of them below is said of each choice. */
  readonly select: ReadySelect | undefined;
  /** Templates by the scalar they are written in. */
  readonly templates: ReadonlyMap<ScalarNode, Template>;
  /** What `source:` names, when it is no template itself. */
  readonly source: SourceFile | undefined;
  /** The parameters, when nothing in them depends on the host. */
  readonly constant: JsonObject | undefined;
  /** Somebody notifies it, or all of its configcrate. */
  readonly notified: boolean;
}

export interface ReadySelect {
  readonly on: Template;
  readonly place: ScalarNode;
  readonly cases: ReadonlyMap<string, ReadyResource>;
  readonly otherwise: ReadyResource | undefined;
}

/** The resource itself, or each of the resources that its `select:` can make of it. */
export const choicesOf = (resource: ReadyResource): readonly ReadyResource[] => {
  const { select } = resource;
  if (select === undefined) return [resource];
  return [...select.cases.values(), ...(select.otherwise ? [select.otherwise] : [])];
};

/** item: below the item of the configcrate that the resource is in. */
export type Foreach =
  | { readonly kind: "item"; readonly path: readonly string[]; readonly place: Place }
  | { readonly kind: "var"; readonly path: readonly string[]; readonly place: Place }
  | { readonly kind: "values"; readonly values: Json; readonly place: Place };

/** A file under `templates/`: rendered, or its bytes. */
export type SourceFile =
  | { readonly kind: "template"; readonly file: string; readonly template: Template }
  | { readonly kind: "bytes"; readonly file: string; readonly bytes: Uint8Array };

export interface Reads {
  /** Names of vars, by templates, `foreach` and conditions that travel; sorted. */
  readonly vars: readonly string[];
  /** Paths below `traits`, by templates only; sorted. */
  readonly traits: readonly (readonly string[])[];
  /** Fields of `envoy`, by templates; sorted. */
  readonly envoy: readonly string[];
}
