/**
 * What one envoy must be: its hostcrate found, its configcrates rendered with its vars and traits, references turned into
 * edges. Work is shared: hosts that look alike to a configcrate share its rendering, hosts that agree in all of them share the
 * whole list (the very same array). Must not know the graph's order, nor what travels.
 */
import { type Assembly, familiesOf } from "./assembly.ts";
import { choose } from "./choose.ts";
import { areSame } from "./clean.ts";
import { problemAt } from "./findings.ts";
import { memoOf } from "./memo.ts";
import type { Resolution, Resolved, Subject, Unresolved } from "./model.ts";
import type { Policy, ReadyHostcrate } from "./policy.ts";
import { chosenByTraits } from "./check-secrets.ts";
import { isMap } from "./vars.ts";

export function resolve(policy: Policy, subject: Subject): Resolution {
  const choice = choose(policy, subject);
  if (choice.kind === "none") return unchosen(choice, subject);
  const memo = memoOf(policy);
  const family = familyOf(policy, choice.hostcrate, subject);
  if (family.kind === "unresolved") return family;
  const assembly = memo.assembly(choice.hostcrate, family.family);
  const list = memo.list(assembly, subject);
  if (list.problems.length > 0) return { kind: "unresolved", problems: list.problems };
  const { environment, checkin } = assembly;
  const { variant, outline, secrets } = list;
  const { where, trustTraits } = choice.hostcrate.declared;
  if (secrets.length > 0 && where !== undefined && !trustTraits)
    return { kind: "unresolved", problems: [chosenByTraits(choice.hostcrate.declared)] };
  return {
    kind: "resolved",
    get resources() {
      return list.resources;
    },
    ...(variant === undefined ? {} : { variant }),
    outline,
    secrets,
    ...(environment === undefined ? {} : { environment }),
    ...wordsOf(assembly, choice.hostcrate, family.family),
    sectionsRead: memo.sections([...choice.sections, ...family.sections, ...list.sections]),
    checkin,
  };
}

/** The words of an assembly, the same lists for every host that it is for. */
interface Words extends Pick<Resolved, "roles" | "configcrates"> {
  readonly assembly: Assembly;
  readonly hostcrate: ReadyHostcrate;
  readonly family: string | undefined;
}

const words = new WeakMap<Assembly, Words>();
const wordsByCrates = new WeakMap<Resolved["configcrates"], Words>();

function wordsOf(
  assembly: Assembly,
  hostcrate: ReadyHostcrate,
  family: string | undefined,
): Pick<Resolved, "roles" | "configcrates"> {
  const known = words.get(assembly);
  if (known !== undefined) return { roles: known.roles, configcrates: known.configcrates };
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
  const [roles, configcrates] = [names(assembly.roles), names(assembly.crates)];
  const made = { roles, configcrates, assembly, hostcrate, family };
  words.set(assembly, made);
  wordsByCrates.set(configcrates, made);
  return { roles, configcrates };
}

/**
 * Do hosts that resolved to these configcrates (the very list of their resolution) get the same again? They do when what chooses
 * among hostcrates has not changed, nor anything that goes into theirs.
 */
export function isSameFor(
  { configcrates }: Pick<Resolved, "configcrates">,
  before: Policy,
  after: Policy,
): boolean {
  const ofAfter = sameFor.get(after) ?? new WeakMap<Policy, Map<readonly string[], boolean>>();
  const known = ofAfter.get(before) ?? new Map<readonly string[], boolean>();
  sameFor.set(after, ofAfter.set(before, known));
  const answer = known.get(configcrates) ?? isSame(configcrates, before, after);
  known.set(configcrates, answer);
  return answer;
}

const sameFor = new WeakMap<Policy, WeakMap<Policy, Map<readonly string[], boolean>>>();

function isSame(configcrates: readonly string[], before: Policy, after: Policy): boolean {
  const found = wordsByCrates.get(configcrates);
  return (
    found !== undefined &&
    memoOf(before).assembly(found.hostcrate, found.family) === found.assembly &&
    isAssembledAlike(found.hostcrate, found.family, before, after)
  );
}

function isAssembledAlike(
  hostcrate: ReadyHostcrate,
  family: string | undefined,
  before: Policy,
  after: Policy,
): boolean {
  const [memo, former] = [memoOf(after), memoOf(before)];
  const assembly = memo.assembly(hostcrate, family);
  return (
    memo.continues(former) &&
    areSame(before.hostcrates, after.hostcrates) &&
    former.assembly(hostcrate, family) === assembly &&
    assembly.crates.every(({ name }) => before.crates.get(name) === after.crates.get(name))
  );
}

/** Does a host get the same of both, whatever that is? False also where it is not known. */
export function isSameHost(subject: Subject, before: Policy, after: Policy): boolean {
  const choice = choose(after, subject);
  if (choice.kind === "none") return false;
  const family = familyOf(after, choice.hostcrate, subject);
  return (
    family.kind === "known" && isAssembledAlike(choice.hostcrate, family.family, before, after)
  );
}

function unchosen(choice: ReturnType<typeof choose>, { hostname }: Subject): Unresolved {
  const { undecided } = choice as Extract<typeof choice, { kind: "none" }>;
  const problem =
    undecided === undefined
      ? problemAt("VG901", { file: ".", line: 1, column: 1 }, hostname, {
          message: `no hostcrate matches ${hostname}`,
          hint: "add an entry to a list `envoys:` whose `match:` fits the name",
        })
      : problemAt("VG902", undecided.hostcrate.declared.place, hostname, {
          message: `the where: of this hostcrate cannot be decided for ${hostname}: ${undecided.reason}`,
          hint: "it is tried again when the trait is reported",
        });
  return { kind: "unresolved", problems: [problem] };
}

type Family =
  | {
      readonly kind: "known";
      readonly family: string | undefined;
      readonly sections: readonly string[];
    }
  | Unresolved;

/** Only asked where a role has a `case:`. */
export function familyOf(policy: Policy, hostcrate: ReadyHostcrate, subject: Subject): Family {
  const assembly = memoOf(policy).assembly(hostcrate, undefined);
  const families = familiesOf(assembly.roles);
  if (families.length === 0) return { kind: "known", family: undefined, sections: [] };
  const { os } = subject.traits;
  const family = os !== undefined && isMap(os) ? os["family"] : undefined;
  if (typeof family === "string") {
    const matters = families.includes(family) ? family : undefined;
    return { kind: "known", family: matters, sections: ["os"] };
  }
  const role = assembly.roles.find(({ cases }) => cases.size > 0);
  const problem = problemAt("VG902", role?.place ?? hostcrate.declared.place, role?.name ?? "", {
    message: `role ${role?.name} has a case: by os.family, which ${subject.hostname} has not reported`,
    hint: "it is tried again when the trait is reported",
  });
  return { kind: "unresolved", problems: [problem] };
}
