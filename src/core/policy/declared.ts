/**
 * What the files of a tree declare, each thing with its place, before anything is looked up: names are still texts.
 * Types only.
 */
import type { Json } from "../json.ts";
import type { AnyResourceType } from "../resource.ts";
import type { Place, Placed } from "./model.ts";
import type { MapNode, Node, ScalarNode } from "./node.ts";

/** Names of vars to their values. */
export type Vars = ReadonlyMap<string, Var>;

export interface Var {
  /** Of the name. */
  readonly place: Place;
  readonly value: Json;
}

export type Ref = Placed<string>;

export interface Role {
  readonly name: string;
  readonly place: Place;
  readonly includes: readonly Ref[];
  readonly configcrates: readonly Ref[];
  /** More configcrates, by `os.family`. */
  readonly cases: ReadonlyMap<string, readonly Ref[]>;
  readonly vars: Vars;
}

/** What a `common.vgo` gives to its folder and below. */
export interface Common {
  readonly file: string;
  readonly roles: readonly Ref[];
  readonly configcrates: readonly Ref[];
  readonly vars: Vars;
}

/** One environment as one `environments.vgo` describes it. */
export interface Environment {
  readonly name: string;
  readonly place: Place;
  readonly configcrates: readonly Ref[];
  readonly excluded: readonly Ref[];
  readonly vars: Vars;
  readonly noop: boolean;
  readonly checkin: Checkin;
}

export interface Checkin {
  readonly intervalMs?: number;
  readonly offlineThreshold?: string;
}

export interface Hostcrate {
  readonly place: Place;
  /** Empty: any host, which `where` then chooses. */
  readonly match: readonly Ref[];
  readonly where: ScalarNode | undefined;
  readonly environment: Ref | undefined;
  readonly roles: readonly Ref[];
  readonly configcrates: readonly Ref[];
  readonly vars: Vars;
  readonly noop: boolean;
  readonly checkin: Checkin;
}

export interface Configcrate {
  readonly name: string;
  readonly place: Place;
  readonly dependsOn: readonly Ref[];
  readonly when: ScalarNode | undefined;
  readonly vars: Vars;
  readonly overrides: ReadonlyMap<string, Placed<Vars>>;
  readonly noop: boolean;
  readonly resources: readonly Resource[];
  /** Names of resources that could not be read: a reference to one of them is no second mistake. */
  readonly lost: ReadonlySet<string>;
}

export interface Resource {
  readonly name: string;
  readonly crate: string;
  readonly place: Place;
  readonly type: AnyResourceType;
  /** What the type's schema reads; common attributes are taken out. */
  readonly params: MapNode;
  readonly select: Select | undefined;
  readonly when: ScalarNode | undefined;
  readonly foreach: Node | undefined;
  readonly dependsOn: readonly Ref[];
  readonly before: readonly Ref[];
  readonly requires: readonly Ref[];
  readonly notify: readonly Ref[];
  readonly subscribes: readonly Ref[];
  readonly timeoutMs: number | undefined;
  readonly retries: number | undefined;
  readonly noop: boolean;
  readonly sensitive: boolean;
  readonly render: boolean;
}

/** Parameters that one value chooses. */
export interface Select {
  /** What chooses: a text, mostly a template. */
  readonly on: ScalarNode;
  /** All parameters of the resource, by what `on` comes to. */
  readonly cases: ReadonlyMap<string, MapNode>;
  /** Those for any other value. */
  readonly otherwise: MapNode | undefined;
}

/** Everything a tree declares. */
export interface Declared {
  /** In the order they are tried. */
  readonly hostcrates: readonly Hostcrate[];
  readonly roles: ReadonlyMap<string, Role>;
  readonly configcrates: ReadonlyMap<string, Configcrate>;
  /** By folder; the root is the empty text. */
  readonly commons: ReadonlyMap<string, Common>;
  /** By folder, then by name. */
  readonly environments: ReadonlyMap<string, ReadonlyMap<string, Environment>>;
  /** Files under `templates/`, by path. */
  readonly templates: ReadonlyMap<string, Uint8Array>;
}
