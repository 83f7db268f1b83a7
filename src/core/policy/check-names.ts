/** Names of roles, configcrates and environments that lead nowhere, and roles that include too deep. Must not know hosts. */
import { unknownWord } from "../did-you-mean.ts";
import { cyclesIn } from "./cycles.ts";
import type { Declared, Ref, Role } from "./declared.ts";
import type { Findings } from "./findings.ts";
import type { Policy, ReadyCrate, ReadyResource } from "./policy.ts";
import { placeOfOffset } from "./ready-conditions.ts";

export function checkNames(declared: Declared, found: Findings): void {
  const { roles, configcrates, hostcrates, commons, environments } = declared;
  const everyEnvironment = [...environments.values()].flatMap((file) => [...file.values()]);
  const carriers = [...hostcrates, ...commons.values()];
  for (const { roles: refs } of carriers) checkRoles(refs, declared, found);
  for (const { includes } of roles.values()) checkRoles(includes, declared, found);
  const lists = [
    ...carriers.map((carrier) => carrier.configcrates),
    ...everyEnvironment.flatMap((each) => [each.configcrates, each.excluded]),
    ...[...roles.values()].flatMap((role) => [role.configcrates, ...role.cases.values()]),
  ];
  const names = [...configcrates.keys()].filter((name) => !name.startsWith("~"));
  for (const ref of lists.flat())
    if (!configcrates.has(ref.value))
      found.problem("VG401", ref.place, ref.value, {
        message: unknownWord("configcrate", ref.value, names),
        hint: hintFor(ref.value, declared),
      });
  const users = [...carriers, ...roles.values()].flatMap(({ usercrates }) => usercrates);
  checkUsers(users, declared, found);
  checkIncludes(roles, found);
  checkEnvironments(declared, found);
}

function hintFor(name: string, { roles, configcrates }: Declared): string | undefined {
  if (roles.has(name)) return "it is a role: list it under `roles:`";
  return configcrates.has(`~${name}`)
    ? "it is a usercrate: list it under `usercrates:`"
    : undefined;
}

function checkRoles(refs: readonly Ref[], { roles, configcrates }: Declared, found: Findings) {
  for (const { value, place } of refs)
    if (!roles.has(value))
      found.problem("VG402", place, value, {
        message: unknownWord("role", value, [...roles.keys()]),
        hint: configcrates.has(value)
          ? "it is a configcrate: list it under `configcrates:`"
          : undefined,
      });
}

function checkUsers(refs: readonly Ref[], { configcrates }: Declared, found: Findings) {
  const names = [...configcrates.keys()].filter((name) => name.startsWith("~"));
  for (const { value, place } of refs)
    if (!configcrates.has(`~${value}`))
      found.problem("VG410", place, value, {
        message: unknownWord(
          "usercrate",
          value,
          names.map((name) => name.slice(1)),
        ),
        hint: configcrates.has(value)
          ? "it is a configcrate: list it under `configcrates:`"
          : undefined,
      });
}

/** `role("x")` in a condition: a role that is not there would make it false for ever. */
export function checkRolesAsked({ declared, crates }: Policy, found: Findings): void {
  const check = ({ when, declared: owner }: ReadyCrate | ReadyResource) => {
    for (const { name, offset } of when?.roles ?? [])
      if (!declared.roles.has(name) && owner.when !== undefined)
        found.problem("VG402", placeOfOffset(owner.when, offset), name, {
          message: unknownWord("role", name, [...declared.roles.keys()]),
        });
  };
  for (const crate of crates.values()) {
    check(crate);
    for (const resource of crate.resources) check(resource);
  }
}

function checkIncludes(roles: ReadonlyMap<string, Role>, found: Findings): void {
  const inside = (role: Role) => role.includes.flatMap(({ value }) => roles.get(value) ?? []);
  const inCycle = new Set<Role>();
  for (const cycle of cyclesIn(roles.values(), inside)) {
    for (const role of cycle) inCycle.add(role);
    const [first] = cycle;
    const ref = first?.includes.find(({ value }) => value === (cycle[1] ?? first).name);
    if (first === undefined || ref === undefined) continue;
    const names = [...cycle, first].map(({ name }) => name).join(" → ");
    found.problem("VG601", ref.place, ref.value, {
      message: `roles include one another: ${names}`,
      hint: "take one of the includes out",
    });
  }
  for (const role of roles.values())
    for (const ref of role.includes) {
      const included = roles.get(ref.value);
      if (included === undefined || included.includes.length === 0 || inCycle.has(included))
        continue;
      found.problem("VG406", ref.place, ref.value, {
        message: `role ${ref.value} includes roles itself, and includes go one level deep`,
        hint: `list ${included.includes.map(({ value }) => value).join(", ")} here as well, and take them out there`,
      });
    }
}

function checkEnvironments(declared: Declared, found: Findings): void {
  const described = [...declared.environments.values()].flatMap((file) => [...file.values()]);
  const overridden = [...declared.configcrates.values()].flatMap(({ overrides }) =>
    [...overrides].map(([name, { place }]) => ({ name, place })),
  );
  const used = declared.hostcrates.flatMap(({ environment }) => environment ?? []);
  const usedNames = used.map(({ value }) => value);
  const known = [...described, ...overridden].map(({ name }) => name);
  for (const { name, place } of [...described, ...overridden])
    if (!usedNames.includes(name))
      found.warning("VG956", place, name, {
        message: `no hostcrate is in ${unknownWord("environment", name, usedNames).replace(/^unknown /, "")}`,
      });
  for (const { value, place } of used)
    if (!known.includes(value))
      found.warning("VG957", place, value, {
        message: `nothing is said about ${unknownWord("environment", value, known).replace(/^unknown /, "")}`,
      });
}
