/**
 * What a hostcrate comes to for the hosts it matches: roles, configcrates and vars, gathered from it, its roles, and the
 * `common.vgo` and `environments.vgo` above it (semantics §4). Must not know templates, conditions, nor any host beyond its
 * family, which the `case:` of a role asks for.
 */
import type { JsonObject } from "../json.ts";
import type {
  Checkin,
  Common,
  Configcrate,
  Declared,
  Environment,
  Hostcrate,
  Ref,
  Role,
  Vars,
} from "./declared.ts";
import { areSame } from "./clean.ts";
import { foldersOf } from "./layout.ts";
import { type Laid, lay, mergeValues, nothingLaid } from "./vars.ts";

/** One source of vars; later ones win. */
export interface Layer {
  /** As in "role webserver". */
  readonly what: string;
  readonly vars: Vars;
}

export interface Assembly {
  readonly hostcrate: Hostcrate;
  readonly environment: string | undefined;
  readonly roles: readonly Role[];
  /** In order of inclusion. */
  readonly crates: readonly Configcrate[];
  /** By name of a configcrate, what brought it in. */
  readonly because: ReadonlyMap<string, string>;
  /** By name of a configcrate, what took it out. */
  readonly excluded: ReadonlyMap<string, string>;
  readonly layers: readonly Layer[];
  /** The layers laid over one another. */
  readonly vars: Laid;
  /** Tables of lookups, those of all folders above merged. */
  readonly tables: ReadonlyMap<string, JsonObject>;
  readonly noop: boolean;
  readonly checkin: Checkin;
}

const known = new WeakMap<
  Hostcrate,
  Map<string | undefined, readonly [from: readonly object[], Assembly]>
>();

/** As `assemble`; the very same object as the last time, when nothing that goes into it is another. */
export function assembled(
  declared: Declared,
  hostcrate: Hostcrate,
  family: string | undefined,
): Assembly {
  const families = known.get(hostcrate) ?? new Map();
  known.set(hostcrate, families);
  const made = assemble(declared, hostcrate, family);
  const from = [...inheritedBy(hostcrate, declared), ...made.roles, ...made.crates];
  const before = families.get(family);
  if (before !== undefined && areSame(before[0], from)) return before[1];
  families.set(family, [from, made]);
  return made;
}

/** What stands in the folders above. */
function inheritedBy(hostcrate: Hostcrate, { commons, environments }: Declared) {
  const above = foldersOf(hostcrate.place.file);
  const environment = hostcrate.environment?.value ?? "";
  return [
    ...above.flatMap((folder) => commons.get(folder) ?? []),
    ...above.flatMap((folder) => environments.get(folder)?.get(environment) ?? []),
  ];
}

/** Names that lead nowhere are left out: `validate` has said so. */
export function assemble(
  declared: Declared,
  hostcrate: Hostcrate,
  family: string | undefined,
): Assembly {
  const above = foldersOf(hostcrate.place.file);
  const commons = above.flatMap((folder) => declared.commons.get(folder) ?? []);
  const environment = hostcrate.environment?.value;
  const environments = above.flatMap(
    (folder) => declared.environments.get(folder)?.get(environment ?? "") ?? [],
  );
  const inclusion = new Inclusion(declared, family);
  for (const common of commons) inclusion.common(common);
  inclusion.hostcrate(hostcrate);
  for (const each of environments) inclusion.environment(each);
  const layers = layersOf(inclusion.roles, commons, hostcrate, environments);
  return {
    hostcrate,
    environment,
    roles: inclusion.roles,
    crates: [...inclusion.crates.values()],
    because: inclusion.because,
    excluded: inclusion.excluded,
    layers,
    vars: layers.reduce((under, { vars }) => lay(under, vars), nothingLaid),
    tables: tablesOf(commons),
    noop: hostcrate.noop || environments.some(({ noop }) => noop),
    checkin: Object.assign({}, hostcrate.checkin, ...environments.map(({ checkin }) => checkin)),
  };
}

/** What a configcrate's own resources see: its vars, its override for the environment, then everybody else's. */
export const crateLayers = (crate: Configcrate, { environment, layers }: Assembly) => {
  const override = environment === undefined ? undefined : crate.overrides.get(environment);
  return [
    { what: `configcrate ${crate.name}`, vars: crate.vars },
    ...(override === undefined
      ? []
      : [{ what: `configcrate ${crate.name} in ${environment}`, vars: override.value }]),
    ...layers,
    ...(crate.account.size === 0 ? [] : [{ what: `usercrate ${crate.name}`, vars: crate.account }]),
  ];
};

const laidKnown = new WeakMap<Assembly, WeakMap<Configcrate, Laid>>();

/** As `crateLayers` laid over one another. */
export function crateVars(crate: Configcrate, assembly: Assembly): Laid {
  const ofAssembly = laidKnown.get(assembly) ?? new WeakMap<Configcrate, Laid>();
  laidKnown.set(assembly, ofAssembly);
  const known = ofAssembly.get(crate) ?? layFor(crate, assembly);
  ofAssembly.set(crate, known);
  return known;
}

/** Only what the configcrate sets itself has to be laid anew. */
function layFor(crate: Configcrate, assembly: Assembly): Laid {
  const { environment, vars } = assembly;
  const override = environment === undefined ? undefined : crate.overrides.get(environment);
  const own = [crate.vars, ...(override === undefined ? [] : [override.value]), crate.account];
  const names = new Set(own.flatMap((block) => [...block.keys()]));
  if (names.size === 0) return vars;
  const rest: Laid = {
    values: Object.fromEntries(Object.entries(vars.values).filter(([name]) => !names.has(name))),
    lookups: new Map([...vars.lookups].filter(([name]) => !names.has(name))),
  };
  return lay(
    rest,
    crateLayers(crate, assembly).flatMap((layer) =>
      [...names].flatMap((name) => {
        const one = layer.vars.get(name);
        return one === undefined ? [] : [[name, one] as const];
      }),
    ),
  );
}

function tablesOf(commons: readonly Common[]): ReadonlyMap<string, JsonObject> {
  const tables = new Map<string, JsonObject>();
  for (const { lookups } of commons)
    for (const [name, { values }] of lookups)
      tables.set(name, mergeValues(tables.get(name) ?? {}, values));
  return tables;
}

const families = new WeakMap<readonly Role[], readonly string[]>();

/** Families that a `case:` of one of these roles names. */
export function familiesOf(roles: readonly Role[]): readonly string[] {
  const known = families.get(roles) ?? [
    ...new Set(roles.flatMap(({ cases }) => [...cases.keys()])),
  ];
  families.set(roles, known);
  return known;
}

const layersOf = (
  roles: readonly Role[],
  commons: readonly Common[],
  hostcrate: Hostcrate,
  environments: readonly Environment[],
): readonly Layer[] =>
  [
    ...roles.map(({ name, vars }) => ({ what: `role ${name}`, vars })),
    ...commons.map(({ file, vars }) => ({ what: file, vars })),
    { what: "hostcrate", vars: hostcrate.vars },
    ...environments.map(({ name, place, vars }) => ({
      what: `environment ${name} (${place.file})`,
      vars,
    })),
  ].filter(({ vars }) => vars.size > 0);

class Inclusion {
  readonly crates = new Map<string, Configcrate>();
  readonly because = new Map<string, string>();
  readonly excluded = new Map<string, string>();
  readonly #roles = new Map<string, Role>();

  constructor(
    readonly declared: Declared,
    readonly family: string | undefined,
  ) {}

  get roles(): readonly Role[] {
    return [...this.#roles.values()];
  }

  common({ file, roles, configcrates, usercrates }: Common): void {
    for (const role of roles) this.#role(role, file);
    this.#include(configcrates, file);
    this.#includeUsers(usercrates, file);
  }

  hostcrate({ roles, configcrates, usercrates }: Hostcrate): void {
    for (const role of roles) this.#role(role, "hostcrate");
    this.#include(configcrates, "hostcrate");
    this.#includeUsers(usercrates, "hostcrate");
  }

  /** Of one level: first what goes, then what comes; a deeper folder has the last word. */
  environment({ name, place, configcrates, excluded }: Environment): void {
    const what = `environment ${name} (${place.file})`;
    for (const { value } of excluded) if (this.crates.delete(value)) this.excluded.set(value, what);
    this.#include(configcrates, what);
  }

  #role({ value }: Ref, why: string): void {
    const role = this.declared.roles.get(value);
    if (role === undefined || this.#roles.has(value)) return;
    for (const included of role.includes) {
      const inner = this.declared.roles.get(included.value);
      if (inner !== undefined) this.#take(inner, `role ${value}`);
    }
    this.#take(role, why);
  }

  #take(role: Role, why: string): void {
    if (this.#roles.has(role.name)) return;
    this.#roles.set(role.name, role);
    const what = `role ${role.name} (${why})`;
    this.#include(role.configcrates, what);
    this.#include(this.family === undefined ? [] : (role.cases.get(this.family) ?? []), what);
    this.#includeUsers(role.usercrates, what);
  }

  #includeUsers(refs: readonly Ref[], why: string): void {
    this.#include(
      refs.map(({ value, place }) => ({ value: `~${value}`, place })),
      why,
    );
  }

  #include(refs: readonly Ref[], why: string): void {
    for (const { value } of refs) {
      const crate = this.declared.configcrates.get(value);
      if (crate === undefined || this.crates.has(value)) continue;
      this.crates.set(value, crate);
      this.because.set(value, why);
      this.excluded.delete(value);
    }
  }
}
