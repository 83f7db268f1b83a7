/**
 * Who sets what is read: for every hostcrate and every configcrate on its hosts, each var that a template, a condition or a
 * `foreach` reads must be there. Must not know traits' values.
 */
import { didYouMean } from "../did-you-mean.ts";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import { type Assembly, assembled, crateVars, familiesOf } from "./assembly.ts";
import { checkLookupsFor, lookupsOf } from "./check-lookups.ts";
import { Clean } from "./clean.ts";
import type { Lookup, Role, Var } from "./declared.ts";
import type { Findings } from "./findings.ts";
import { type Steps, stepsOf } from "../steps.ts";
import type { Place } from "./model.ts";
import type { Foreach, Policy, ReadyCrate } from "./policy.ts";
import { placeOfOffset } from "./ready-conditions.ts";
import { isQuoted, quotingHint, type ShellKind, readsOfResource } from "./ready-reads.ts";
import { spelled } from "./secrets.ts";
import { memoOf } from "./memo.ts";
import { isMap, type Laid } from "./vars.ts";

/** Every way the hostcrates can turn out: once for each family that a role makes a difference for. */
export function assembliesOf({ declared }: Policy): readonly Assembly[] {
  return declared.hostcrates.flatMap((hostcrate) => {
    const plain = assembled(declared, hostcrate, undefined);
    const families = familiesOf(plain.roles).map((family) =>
      assembled(declared, hostcrate, family),
    );
    return [plain, ...families];
  });
}

interface VarUse {
  readonly path: readonly string[];
  readonly place: Place;
  /** It may be missing. */
  readonly lenient: boolean;
  readonly list: boolean;
  /** It is printed into a shell text as it is. */
  readonly unquoted: ShellKind;
}

export function* checkVars(
  policy: Policy,
  assemblies: readonly Assembly[],
  found: Findings,
): Steps<void> {
  const said = new Set<Place>();
  const step = stepsOf("checking vars", assemblies.length);
  for (const assembly of assemblies) {
    yield step();
    checkRoles(assembly.roles, found);
    for (const { name } of assembly.crates) {
      const crate = policy.crates.get(name);
      if (crate === undefined) continue;
      const check = (own: Findings) => {
        const vars = crateVars(crate.declared, assembly);
        checkLookupsFor(vars, assembly, policy.declared, own);
        for (const use of usesOf(crate))
          if (!said.has(use.place) && !checkUseOf(use, vars, assembly, own)) said.add(use.place);
      };
      // What is not said again is no less wrong.
      if (said.size > 0) check(found);
      else checkOnce(crate, assembly, policy, found, check);
    }
  }
  warnUnused(policy, found);
}

/** Of assemblies that it sees the same vars of, it asks the same: the first answers for all, if it has nothing to say. */
function checkOnce(
  crate: ReadyCrate,
  assembly: Assembly,
  policy: Policy,
  found: Findings,
  check: (own: Findings) => void,
): void {
  const sight = memoOf(policy).sight(crate, assembly) ?? assembly;
  clean.of(sight, crate, [], found, check);
}

const clean = new Clean<void>();
const usesKnown = new WeakMap<ReadyCrate, readonly VarUse[]>();

function usesOf(crate: ReadyCrate): readonly VarUse[] {
  const known = usesKnown.get(crate);
  if (known !== undefined) return known;
  const uses = findUses(crate);
  usesKnown.set(crate, uses);
  return uses;
}

function findUses(crate: ReadyCrate): readonly VarUse[] {
  const conditions = [crate, ...crate.resources].flatMap(({ declared, when }) =>
    when === undefined || declared.when === undefined
      ? []
      : when.vars.map(({ name, offset }): VarUse => ({
          path: [name],
          place: placeOfOffset(declared.when ?? neverWritten(), offset),
          lenient: when.varsAsked.includes(name),
          list: false,
          unquoted: false,
        })),
  );
  const rest = crate.resources.flatMap((resource) => [
    ...[...readsOfResource(resource)]
      .filter(({ read }) => read.path[0] === "vars")
      .map(({ read, place, shell }): VarUse => ({
        path: read.path.slice(1),
        place,
        lenient: read.lenient,
        list: false,
        unquoted: shell !== false && !isQuoted(read, shell) && shell,
      })),
    ...(resource.foreach?.kind === "var" ? [throughVar(resource.foreach)] : []),
  ]);
  const whole = crate.foreach?.kind === "var" ? [throughVar(crate.foreach)] : [];
  return [...conditions, ...whole, ...rest];
}

const throughVar = ({ path, place }: Extract<Foreach, { kind: "var" }>): VarUse => ({
  path,
  place,
  lenient: false,
  list: true,
  unquoted: false,
});

/** A lookup can come to any value of its table: what is said of a var must hold for each. */
function checkUseOf(use: VarUse, vars: Laid, assembly: Assembly, found: Findings): boolean {
  const [name = ""] = use.path;
  const lookup = vars.lookups.get(name);
  if (lookup === undefined) return checkUse(use, vars.values, assembly, found);
  if (use.unquoted !== false)
    found.problem("VG802", use.place, ["vars", ...use.path].join("."), {
      message: `vars.${use.path.join(".")} comes out of a lookup and goes into a shell command unquoted`,
      hint: quotingHint(`vars.${use.path.join(".")}`, use.unquoted),
    });
  const table = Object.values(assembly.tables.get(lookup.table.value) ?? {});
  const values = [...table.slice(0, most), lookup.otherwise].filter((one) => one !== undefined);
  const fits = (value: Json) => checkUse(use, { ...vars.values, [name]: value }, assembly, found);
  return use.unquoted === false && values.every(fits);
}

/** Values of a table that are looked at; a long table is of one kind. */
const most = 100;

/** Words that Liquid knows of every list, map and text. */
const builtIn = ["size", "first", "last"];

function checkUse(
  use: VarUse,
  vars: JsonObject,
  { hostcrate }: Assembly,
  found: Findings,
): boolean {
  let value: Json | undefined = vars;
  for (const [depth, key] of use.path.entries()) {
    if (!isMap(value) || (depth > 0 && builtIn.includes(key) && !Object.hasOwn(value, key)))
      return true;
    const inner: Json | undefined = value[key];
    if (inner === undefined) {
      if (!use.lenient) undefinedVar(use, depth, Object.keys(value), hostcrate.place, found);
      return use.lenient;
    }
    value = inner;
  }
  if (!use.list || (typeof value === "object" && value !== null)) return true;
  found.problem("VG508", use.place, use.path.join("."), {
    message: `foreach goes through a list or a map, and vars.${use.path.join(".")} is neither`,
    hint: `it is ${canonicalJson(value).slice(0, 40)} for the hosts of ${hostcrate.place.file}:${hostcrate.place.line}`,
  });
  return false;
}

function undefinedVar(
  use: VarUse,
  depth: number,
  known: readonly string[],
  hosts: Place,
  found: Findings,
): void {
  const name = ["vars", ...use.path.slice(0, depth + 1)].join(".");
  const guess = didYouMean(use.path[depth] ?? "", known);
  found.problem("VG106", use.place, ["vars", ...use.path].join("."), {
    message: `${name} is not set for the hosts of ${hosts.file}:${hosts.line}`,
    hint:
      guess === undefined
        ? waysToSet(name)
        : `did you mean ${["vars", ...use.path.slice(0, depth), guess].join(".")}?`,
  });
}

const waysToSet = (name: string) =>
  name === "vars.user.uid"
    ? "say `uid:` in the usercrate's own user resource"
    : "set it in `vars:` of the configcrate, a role, common.vgo, the hostcrate or environments.vgo";

/** Two roles of one host that give a var two values. */
function checkRoles(roles: readonly Role[], found: Findings): void {
  const given = new Map<string, { readonly role: Role; readonly one: Var }>();
  for (const role of roles)
    for (const [name, one] of role.vars) {
      const before = given.get(name);
      if (before === undefined) given.set(name, { role, one });
      else if (disagree(before.one.value, one.value))
        found.problem("VG407", one.place, name, {
          message: `roles ${before.role.name} and ${role.name} give ${name} two values, and a host has both`,
          hint: `the other is in ${before.one.place.file}:${before.one.place.line}; set it in one role, or in the hostcrate`,
        });
    }
}

const disagree = (a: Json, b: Json): boolean =>
  isMap(a) && isMap(b)
    ? Object.entries(b).some(([key, value]) => {
        const other = a[key];
        return other !== undefined && disagree(other, value);
      })
    : canonicalJson(spelled(a)) !== canonicalJson(spelled(b));

/** Names of vars that are read; `all`: some template reads them as a whole. */
interface Names {
  readonly all: boolean;
  readonly names: ReadonlySet<string>;
}

const namesKnown = new WeakMap<ReadyCrate, Names>();

function namesOf(uses: readonly VarUse[]): Names {
  const names = new Set(uses.flatMap(({ path: [name] }) => name ?? []));
  return { all: uses.some(({ path }) => path.length === 0), names };
}

function namesIn(crate: ReadyCrate): Names {
  const known = namesKnown.get(crate);
  if (known !== undefined) return known;
  const names = namesOf(usesOf(crate));
  namesKnown.set(crate, names);
  return names;
}

function warnUnused({ declared, crates }: Policy, found: Findings): void {
  const keys = namesOf(lookupsOf(declared).flatMap(keyUses));
  const warn = (vars: ReadonlyMap<string, Var>, readers: readonly Names[]) => {
    if (vars.size === 0 || readers.some(({ all }) => all)) return;
    for (const [name, { place }] of vars)
      if (!readers.some(({ names }) => names.has(name)))
        found.warning("VG951", place, name, { message: `nothing reads vars.${name}` });
  };
  for (const crate of crates.values()) {
    warn(crate.declared.vars, [namesIn(crate), keys]);
    for (const { value } of crate.declared.overrides.values()) warn(value, [namesIn(crate), keys]);
  }
  const all = [...crates.values()].map(namesIn);
  const everybody = {
    all: all.some((one) => one.all),
    names: new Set(all.flatMap(({ names }) => [...names])),
  };
  for (const { vars } of [
    ...declared.roles.values(),
    ...declared.commons.values(),
    ...declared.hostcrates,
    ...[...declared.environments.values()].flatMap((file) => [...file.values()]),
  ])
    warn(vars, [everybody, keys]);
}

const keyUses = ({ template, place }: Lookup): readonly VarUse[] =>
  template.reads
    .filter(({ path }) => path[0] === "vars")
    .map(({ path }) => ({
      ...throughVar({ kind: "var", path: path.slice(1), place }),
      list: false,
    }));

function neverWritten(): never {
  throw new Error("a condition without its text");
}
