/**
 * What the files of a tree declare, each thing with its place, before anything is looked up: names are still texts.
 * Types only.
 */
import type { Role as UserRole } from "../api/roles.ts";
import type { Json, JsonObject } from "../json.ts";
import type { AnyResourceType } from "../resource.ts";
import type { Param } from "../tasks/values.ts";
import type { PlacedWorkflow } from "./declare-workflow.ts";
import type { Place, Placed } from "./model.ts";
import type { MapNode, Node, ScalarNode } from "./node.ts";
import type { Template } from "./template/template.ts";

/** Names of vars to their values. */
export type Vars = ReadonlyMap<string, Var>;

export interface Var {
  /** Of the name. */
  readonly place: Place;
  /** Of a lookup: as it is written. */
  readonly value: Json;
  readonly lookup?: Lookup;
}

/** A value out of a table, by a key that differs from host to host. */
export interface Lookup {
  /** Of the name of the var. */
  readonly place: Place;
  readonly table: Ref;
  readonly key: ScalarNode;
  /** The key as a template. */
  readonly template: Template;
  /** For a key that the table does not have; absent where the key is required. */
  readonly otherwise: Json | undefined;
}

/** Tables of `lookups:` by name. */
export type Tables = ReadonlyMap<string, Table>;

export interface Table {
  readonly place: Place;
  readonly values: JsonObject;
}

export type Ref = Placed<string>;

export interface Role {
  readonly name: string;
  readonly place: Place;
  readonly includes: readonly Ref[];
  readonly configcrates: readonly Ref[];
  readonly usercrates: readonly Ref[];
  /** More configcrates, by `os.family`. */
  readonly cases: ReadonlyMap<string, readonly Ref[]>;
  readonly vars: Vars;
}

/** What a `common.vgo` gives to its folder and below. */
export interface Common {
  readonly file: string;
  readonly roles: readonly Ref[];
  readonly configcrates: readonly Ref[];
  readonly usercrates: readonly Ref[];
  readonly lookups: Tables;
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
  readonly usercrates: readonly Ref[];
  /** What a host reports about itself may choose this block even where it brings secrets. */
  readonly trustTraits: boolean;
  readonly vars: Vars;
  readonly noop: boolean;
  readonly checkin: Checkin;
}

/** Also a usercrate: one whose name begins with `~`, and which knows its account. */
export interface Configcrate {
  readonly name: string;
  readonly place: Place;
  readonly dependsOn: readonly Ref[];
  readonly when: ScalarNode | undefined;
  /** What it is there once for each of; none of a usercrate. */
  readonly foreach: Node | undefined;
  readonly vars: Vars;
  readonly overrides: ReadonlyMap<string, Placed<Vars>>;
  /** `user` of a usercrate; nobody overrides it. */
  readonly account: Vars;
  /** Controls it helps to fulfil, its own and its folders'. */
  readonly compliance: readonly Ref[];
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
  /** What it did is undone. */
  readonly revert: boolean;
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

/** Controls that some hosts need not fulfil, and until when. */
export interface Waiver {
  readonly place: Place;
  /** Its hosts are those whose hostcrates stand in this folder or below. */
  readonly folder: string;
  readonly controls: readonly Ref[];
  /** Only these hosts; none: all of the folder. */
  readonly match: readonly Ref[];
  readonly reason: string;
  /** The last day, as 2027-12-31. */
  readonly until: string;
}

/** A policy test: what is expected of a host that need not exist. */
export interface PolicyTest {
  readonly name: string;
  readonly place: Place;
  readonly given: Sample;
  readonly expected: readonly Expectation[];
}

export interface Sample {
  readonly hostname: string;
  readonly id: string;
  /** In place of the one its hostcrate says. */
  readonly environment: Ref | undefined;
  readonly traits: Readonly<Record<string, Json>>;
}

export type Expectation =
  | {
      readonly kind: "resource";
      readonly text: Ref;
      /** Each as it would be written; others may be there besides. */
      readonly attributes: MapNode | undefined;
      readonly content: (Ref & { test(text: string): boolean }) | undefined;
    }
  | { readonly kind: "absent" | "error"; readonly text: Ref }
  /** Each must be done before the next. */
  | { readonly kind: "order"; readonly refs: readonly Ref[] };

/** `tasks/*.vgo`: a command that people run by its name. */
export interface NamedTask {
  readonly name: string;
  readonly place: Place;
  readonly description: string;
  readonly params: ReadonlyMap<string, Param>;
  /** Program and words; `$name` alone stands for the value of a parameter. */
  readonly command: readonly string[];
  readonly timeoutMs: number | undefined;
  /** Who may run it, of those who may run tasks at all; none: all of them. */
  readonly roles: readonly UserRole[];
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
  readonly waivers: readonly Waiver[];
  readonly tests: readonly PolicyTest[];
  readonly workflows: ReadonlyMap<string, PlacedWorkflow>;
  readonly tasks: ReadonlyMap<string, NamedTask>;
  /** Files under `templates/`, by path. */
  readonly templates: ReadonlyMap<string, Uint8Array>;
}
