/** Decides the conditions of a configcrate for one host, as far as the server can. Must not know what hangs on them. */
import type { JsonObject } from "../json.ts";
import type { AnyTraitType } from "../trait.ts";
import type { Assembly } from "./assembly.ts";
import type { Subject } from "./model.ts";
import type { ReadyCrate } from "./policy.ts";
import { CannotDecide, type Condition } from "./when/condition.ts";
import { decideOnServer, type ServerContext } from "./when/decide-on-server.ts";

/** in, out: decided for good · travels: the envoy decides, every cycle. */
export type Decision = "in" | "out" | "travels";

export interface Decisions {
  readonly crate: Decision;
  /** One a resource, in order. None when the configcrate is out. */
  readonly resources: readonly Decision[];
}

export interface Circumstances {
  readonly subject: Subject;
  readonly assembly: Assembly;
  /** As this configcrate sees them. */
  readonly vars: JsonObject;
  readonly types: readonly AnyTraitType[];
  /** Answers for this host that do not depend on vars; filled here. */
  readonly decided: Map<Condition, Decision>;
}

export function decisionsOf(ready: ReadyCrate, host: Circumstances): Decisions {
  const { asking, made, only } = knownOf(ready);
  if (only !== undefined) return only;
  const crate = decide(ready.when, host);
  const answers = crate === "out" ? "" : asking.map((one) => decide(one, host)).join(" ");
  const key = `${crate} ${answers}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const resources =
    crate === "out" ? [] : ready.resources.map((resource) => decide(resource.when, host));
  const decisions = { crate, resources };
  made.set(key, decisions);
  return decisions;
}

/** The answers of hosts to one configcrate are few: the same answers are the same object. */
interface Known {
  /** Conditions of its resources that the server decides. */
  readonly asking: readonly Condition[];
  readonly made: Map<string, Decisions>;
  /** Where no host is asked. */
  readonly only: Decisions | undefined;
}

const decided = new WeakMap<ReadyCrate, Known>();

function knownOf(ready: ReadyCrate): Known {
  const known = decided.get(ready);
  if (known !== undefined) return known;
  const asking = ready.resources.flatMap(({ when }) => (when?.onServer === true ? when : []));
  const only = asksServer(ready) ? undefined : undecidedOf(ready);
  const made = { asking, made: new Map(), only };
  decided.set(ready, made);
  return made;
}

const undecidedOf = ({ when, resources }: ReadyCrate): Decisions => {
  const of = (condition: Condition | undefined) => (condition === undefined ? "in" : "travels");
  return { crate: of(when), resources: resources.map((resource) => of(resource.when)) };
};

/** Is anything decided by what the server knows of a host? */
export const asksServer = (crate: ReadyCrate): boolean => serverConditions(crate).length > 0;

/** A trait that was never reported decides nothing here: the envoy has it and can tell. */
function decide(condition: Condition | undefined, host: Circumstances): Decision {
  if (condition === undefined) return "in";
  if (!condition.onServer) return "travels";
  const known = host.decided.get(condition);
  if (known !== undefined) return known;
  const decision = ask(condition, host);
  if (condition.vars.length === 0) host.decided.set(condition, decision);
  return decision;
}

const ask = (condition: Condition, { subject, assembly, vars, types }: Circumstances): Decision =>
  answer(condition, {
    envoy: { id: subject.id, hostname: subject.hostname },
    traits: subject.traits,
    vars,
    environment: assembly.environment,
    roles: assembly.roles.map(({ name }) => name),
    types,
  });

function answer(condition: Condition, context: ServerContext): Decision {
  try {
    return decideOnServer(condition, context) ? "in" : "out";
  } catch (error) {
    if (error instanceof CannotDecide) return "travels";
    throw error;
  }
}

/** What holds for every host of an assembly; whatever a single host decides is left open. */
export function decisionForAll(
  condition: Condition | undefined,
  { environment, roles }: Assembly,
  vars: JsonObject,
  types: readonly AnyTraitType[],
): Decision {
  if (condition === undefined) return "in";
  if (asksHost(condition)) return "travels";
  return answer(condition, contextOf({ environment, roles }, vars, types));
}

/** Does its answer differ between hosts of one assembly? */
export const asksHost = ({ onServer, fields, functions, source }: Condition): boolean =>
  !onServer || fields.length > 0 || namesEnvoy(functions, source);

const contextOf = (
  { environment, roles }: Pick<Assembly, "environment" | "roles">,
  vars: JsonObject,
  types: readonly AnyTraitType[],
): ServerContext => ({
  envoy: { id: "", hostname: "" },
  traits: {},
  vars,
  environment,
  roles: roles.map(({ name }) => name),
  types,
});

/** Is anything of it decided by what host it is, beyond its traits? */
export const asksEnvoy = (crate: ReadyCrate): boolean =>
  serverConditions(crate).some(({ functions, source }) => namesEnvoy(functions, source));

const namesEnvoy = (functions: Condition["functions"], source: string): boolean =>
  functions.includes("in_percent") || /\benvoy\b/.test(source);

/** Paths below `traits` that the server asked; the whole section where a name in one has a dot. */
export const fieldsAsked = (crate: ReadyCrate): readonly (readonly string[])[] =>
  serverConditions(crate).flatMap(({ fields }) =>
    fields.map((field) => {
      const path = field.split(".");
      return path.length > 2 ? path.slice(0, 1) : path;
    }),
  );

const ofServer = new WeakMap<ReadyCrate, readonly Condition[]>();

function serverConditions(crate: ReadyCrate): readonly Condition[] {
  const known = ofServer.get(crate);
  if (known !== undefined) return known;
  const all = [crate.when, ...crate.resources.map(({ when }) => when)];
  const made = all.flatMap((condition) => (condition?.onServer === true ? condition : []));
  ofServer.set(crate, made);
  return made;
}

/** The reason, where one that asks no host has no answer for an assembly's hosts. */
export function whyUndecided(
  condition: Condition,
  assembly: Assembly,
  vars: JsonObject,
  types: readonly AnyTraitType[],
): string | undefined {
  try {
    decideOnServer(condition, contextOf(assembly, vars, types));
    return undefined;
  } catch (error) {
    if (error instanceof CannotDecide) return error.message;
    throw error;
  }
}

/** Trait sections that the server asked. */
export const sectionsAsked = (crate: ReadyCrate): readonly string[] =>
  serverConditions(crate).flatMap(({ sections }) => sections);
