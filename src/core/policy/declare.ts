/** All documents of a tree taken apart and put together: one policy's declarations, no name given twice. Must not know references. */
import type { Common, Configcrate, Declared, Environment, Hostcrate, Role } from "./declared.ts";
import { declareConfigcrate } from "./declare-configcrate.ts";
import { declareHostcrates } from "./declare-hostcrates.ts";
import { declareCommon, declareEnvironments } from "./declare-inherited.ts";
import { declareRoles } from "./declare-roles.ts";
import type { Findings } from "./findings.ts";
import { byPath, folderOf } from "./layout.ts";
import type { Place, Registries } from "./model.ts";
import type { Parsed, PolicyDocument } from "./parse.ts";

export function declare(parsed: Parsed, registries: Registries, found: Findings): Declared {
  const of = (kind: PolicyDocument["kind"]) =>
    parsed.documents
      .filter((document) => document.kind === kind)
      .sort((a, b) => byPath(a.file, b.file));
  const hostcrates: Hostcrate[] = of("hostcrates").flatMap(({ node }) =>
    declareHostcrates(node, found),
  );
  const roles: Role[] = of("roles").flatMap(({ node }) => declareRoles(node, found));
  const crates: Configcrate[] = of("configcrate").flatMap(
    ({ node }) => declareConfigcrate(node, registries, found) ?? [],
  );
  return {
    hostcrates,
    roles: byName("roles", roles, found),
    configcrates: byName("configcrates", crates, found),
    commons: new Map(
      of("common").map(({ file, node }): [string, Common] => [
        folderOf(file),
        declareCommon(file, node, found),
      ]),
    ),
    environments: new Map(
      of("environments").map(({ file, node }): [string, ReadonlyMap<string, Environment>] => [
        folderOf(file),
        declareEnvironments(node, found),
      ]),
    ),
    templates: parsed.templates,
  };
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
        message: `two ${what} named "${one.name}"; the first is in ${first.place.file}:${first.place.line}`,
        hint: "rename one of them",
      });
  }
  return named;
}
