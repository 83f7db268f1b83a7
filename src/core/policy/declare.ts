/** All documents of a tree taken apart and put together: one policy's declarations, no name given twice. Must not know references. */
import type {
  Common,
  Configcrate,
  Declared,
  Environment,
  Hostcrate,
  Ref,
  Role,
  Waiver,
} from "./declared.ts";
import { declareClaims, declareWaivers } from "./declare-compliance.ts";
import { declareConfigcrate, declareUsercrate } from "./declare-configcrate.ts";
import { declareHostcrates } from "./declare-hostcrates.ts";
import { declareCommon, declareEnvironments } from "./declare-inherited.ts";
import { declareRoles } from "./declare-roles.ts";
import { declareTask } from "./declare-task.ts";
import { checkTestNames, declareTest } from "./declare-test.ts";
import { declareWorkflow } from "./declare-workflow.ts";
import { checkWorkflows } from "./check-workflows.ts";
import { Clean } from "./clean.ts";
import { withExecutors } from "./executors.ts";
import type { Findings } from "./findings.ts";
import { byPath, folderOf, foldersOf } from "./layout.ts";
import type { Place, Registries } from "./model.ts";
import type { Parsed, PolicyDocument } from "./parse.ts";
import { type Steps, stepsOf } from "../steps.ts";

/** By document and all else that matters, so that what has not changed is the very same object. */
const clean = {
  crates: new Clean<Configcrate | undefined>(),
  usercrates: new Clean<Configcrate | undefined>(),
  hostcrates: new Clean<readonly Hostcrate[]>(),
  roles: new Clean<readonly Role[]>(),
  commons: new Clean<Common>(),
  environments: new Clean<ReadonlyMap<string, Environment>>(),
  claims: new Clean<readonly Ref[]>(),
};

export function* declare(parsed: Parsed, known: Registries, found: Findings): Steps<Declared> {
  const registries = withExecutors(known, parsed.executors, found);
  const { resources: types } = registries;
  const of = (kind: PolicyDocument["kind"]) =>
    parsed.documents
      .filter((document) => document.kind === kind)
      .sort((a, b) => byPath(a.file, b.file));
  const hostcrates: Hostcrate[] = of("hostcrates").flatMap(({ node }) =>
    clean.hostcrates.of(node, types, [], found, (own) => declareHostcrates(node, own)),
  );
  const roles: Role[] = of("roles").flatMap(({ node }) =>
    clean.roles.of(node, types, [], found, (own) => declareRoles(node, own)),
  );
  const compliance = complianceOf(of("compliance"), types, found);
  const crates = yield* configcratesIn(of("configcrate"), registries, compliance.claims, found);
  const usercrates: Configcrate[] = of("usercrate").flatMap(
    ({ node }) =>
      clean.usercrates.of(node, types, [], found, (own) =>
        declareUsercrate(node, registries, own),
      ) ?? [],
  );
  const tests = of("test").flatMap(({ node }) => declareTest(node, registries, found) ?? []);
  checkTestNames(tests, found);
  const tasks = of("task").flatMap(({ node }) => declareTask(node, found) ?? []);
  const namedTasks = byName("named tasks", tasks, found);
  const workflows = byName(
    "workflows",
    of("workflow").flatMap(({ node }) => declareWorkflow(node, registries, found) ?? []),
    found,
  );
  checkWorkflows(workflows, namedTasks, found);
  return {
    hostcrates,
    roles: byName("roles", roles, found),
    configcrates: new Map([
      ...byName("configcrates", crates, found),
      ...byName("usercrates", usercrates, found),
    ]),
    commons: new Map(
      of("common").map(({ file, node }): [string, Common] => [
        folderOf(file),
        clean.commons.of(node, types, [file], found, (own) => declareCommon(file, node, own)),
      ]),
    ),
    environments: new Map(
      of("environments").map(({ file, node }): [string, ReadonlyMap<string, Environment>] => [
        folderOf(file),
        clean.environments.of(node, types, [], found, (own) => declareEnvironments(node, own)),
      ]),
    ),
    waivers: compliance.waivers,
    tests,
    tasks: namedTasks,
    workflows,
    templates: parsed.templates,
  };
}

function* configcratesIn(
  documents: readonly PolicyDocument[],
  registries: Registries,
  claims: ReadonlyMap<string, readonly Ref[]>,
  found: Findings,
): Steps<readonly Configcrate[]> {
  const crates: Configcrate[] = [];
  const step = stepsOf("reading configcrates", documents.length);
  for (const { file, node } of documents) {
    const inherited = foldersOf(file).flatMap((folder) => claims.get(folder) ?? []);
    const make = (own: Findings) => declareConfigcrate(node, registries, inherited, own);
    const crate = clean.crates.of(node, registries.resources, inherited, found, make);
    if (crate !== undefined) crates.push(crate);
    yield step();
  }
  return crates;
}

/** Claims by folder, and waivers. */
function complianceOf(
  documents: readonly PolicyDocument[],
  types: Registries["resources"],
  found: Findings,
) {
  const claims = new Map<string, readonly Ref[]>();
  const waivers: Waiver[] = [];
  for (const { file, node } of documents)
    if (file.startsWith("configcrates/"))
      claims.set(
        folderOf(file),
        clean.claims.of(node, types, [], found, (own) => declareClaims(node, own)),
      );
    else waivers.push(...declareWaivers(file, node, found));
  return { claims, waivers };
}

interface Named {
  readonly name: string;
  readonly place: Place;
}

function byName<N extends Named>(what: string, all: readonly N[], found: Findings) {
  const named = new Map<string, N>();
  for (const one of all) {
    const first = named.get(one.name);
    if (first === undefined) named.set(one.name, one);
    else
      found.problem("VG305", one.place, one.name, {
        message: `two ${what} named "${one.name.replace(/^~/, "")}"; the first is in ${first.place.file}:${first.place.line}`,
        hint: "rename one of them",
      });
  }
  return named;
}
