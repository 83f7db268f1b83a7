/** Whom a task is for: names, patterns, roles, environments and conditions → envoys. Must not know tasks. */
import { VigoError } from "../../../core/errors.ts";
import { hostPattern } from "../../../core/policy/hostname.ts";
import type { Envoy } from "../envoys/envoy.ts";
import { findEnvoy } from "../envoys/envoys.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { chosenBy } from "../policy/cohort.ts";
import type { LivePolicy } from "../policy/live.ts";
import { subjectsOf } from "../policy/plan.ts";
import type { Store } from "../store/store.ts";

export interface TargetDeps {
  readonly fleet: Fleet;
  readonly policy: Pick<LivePolicy, "settle" | "workshop">;
  readonly store: Pick<Store, "traits">;
}

/** Each once, by hostname. Throws `missing` for a word that names nobody, `invalid` for one that says nothing. */
export async function envoysOf(
  deps: TargetDeps,
  words: readonly string[],
): Promise<readonly Envoy[]> {
  const chosen = new Set<Envoy>();
  for (const word of words) {
    const found = await named(deps, word);
    if (found.length === 0)
      throw new VigoError("missing", `no envoy is ${word}`, { hint: "vigo cli envoys list" });
    for (const envoy of found) chosen.add(envoy);
  }
  const place = ({ row, id }: Envoy) => `${row.hostname}\0${id}`;
  return [...chosen].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

async function named(deps: TargetDeps, word: string): Promise<readonly Envoy[]> {
  const all = [...deps.fleet.list()].filter(({ row }) => row.revokedAt === undefined);
  if (word.startsWith("where:")) return fitting(deps, all, word.slice(6).trim());
  if (word.startsWith("tag:")) {
    const tag = word.slice(4).trim();
    return all.filter(({ row }) => row.tags?.includes(tag) === true);
  }
  if (word.startsWith("note:")) return noted(all, word.slice(5).trim());
  if (word.startsWith("@")) return labelled(deps, all, word.slice(1));
  const pattern = hostPattern(word);
  if ("error" in pattern) throw new VigoError("invalid", `${word}: ${pattern.error}`);
  if (!pattern.literal) return all.filter(({ row }) => pattern.matches(row.hostname));
  const envoy = findEnvoy(deps.fleet, word);
  if (envoy.row.revokedAt !== undefined)
    throw new VigoError("conflict", `${envoy.row.hostname} (${envoy.id}) is revoked`);
  return [envoy];
}

/** Its note has these words in it, large and small letters alike. */
function noted(all: readonly Envoy[], words: string): readonly Envoy[] {
  if (words === "")
    throw new VigoError("invalid", "note: says no word of a note", { hint: "note:rack 12" });
  const wanted = words.toLowerCase();
  return all.filter(({ row }) => row.note?.toLowerCase().includes(wanted) === true);
}

/** `@name`, or `@role:name` and `@environment:name` where both bear it. */
async function labelled(
  { policy }: TargetDeps,
  all: readonly Envoy[],
  label: string,
): Promise<readonly Envoy[]> {
  const [, kind, name = ""] = /^(?:(role|environment):)?(.*)$/s.exec(label) ?? [];
  for (const envoy of all) await policy.settle(envoy);
  const roles = all.filter(({ intended }) => intended?.roles.includes(name) === true);
  const inside = all.filter(({ intended }) => intended?.environment === name);
  if (kind === "role") return roles;
  if (kind === "environment") return inside;
  if (roles.length > 0 && inside.length > 0)
    throw new VigoError("invalid", `@${name} is a role and an environment`, {
      hint: `write @role:${name} or @environment:${name}`,
    });
  return roles.length > 0 ? roles : inside;
}

/** Who has not reported what the condition reads is left out. */
async function fitting(
  { policy, store }: TargetDeps,
  all: readonly Envoy[],
  condition: string,
): Promise<readonly Envoy[]> {
  if (condition === "")
    throw new VigoError("invalid", "where: says no condition", {
      hint: 'where: traits.os.distro == "debian"',
    });
  const { registries } = policy.workshop;
  const { envoys } = await chosenBy(condition, subjectsOf(all, store.traits), registries, "where");
  const chosen = new Set(envoys);
  return all.filter(({ id }) => chosen.has(id));
}
