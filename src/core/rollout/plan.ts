/**
 * The stages of a publish as its publisher wants them: to which part of the fleet it goes first, how long each part is watched, and
 * what would break it off. Kept in the manifest of the version. Must not know envoys, nor how a rollout goes on.
 */
import { z } from "zod";
import { unknownWord } from "../did-you-mean.ts";
import { parseDuration, printDuration } from "../duration.ts";
import { VigoError } from "../errors.ts";

export const metrics = ["failed", "blocked", "degraded", "drift", "offline"] as const;

const gate = z.strictObject({
  metric: z.enum(metrics).describe("Of the envoys in the part that have run the version."),
  op: z.enum(["<", "<="]).describe("How it must compare."),
  percent: z.number().min(0).max(100).describe("With what."),
});

export type Gate = z.output<typeof gate>;

const most = { stages: 20, gates: 10, holdMs: 7 * 86_400_000, cohort: 1_000 } as const;
const leastHoldMs = 1_000;

const percent = z.number().gt(0).max(100);
const rises = (stages: readonly number[]) =>
  stages.every((each, at) => at === 0 || each > (stages[at - 1] ?? 0)) && stages.at(-1) === 100;

export const rolloutPlan = z.strictObject({
  stages: z
    .array(percent)
    .min(1)
    .max(most.stages)
    .refine(rises, { error: "must rise, and end with 100" })
    .readonly()
    .describe("Parts of the fleet in percent, each holding the one before."),
  hold_ms: z.int().min(leastHoldMs).max(most.holdMs).describe("How long each part is watched."),
  gates: z
    .array(gate)
    .max(most.gates)
    .readonly()
    .describe("None: the health of the fleet decides, as without stages."),
  min_ran: percent.describe("Percent of a part's online envoys that must have run it."),
  salt: z.string().min(1).max(100).describe("Other salts make other parts."),
  cohort: z
    .strictObject({
      where: z.string().min(1).max(4096).describe("The condition that chose them."),
      envoys: z.array(z.uuid()).min(1).max(most.cohort).readonly().describe("Their ids."),
    })
    .exactOptional()
    .describe("The first part, in place of a random one; the parts after it hold it."),
});

/** Of one staged publish. */
export type RolloutPlan = z.output<typeof rolloutPlan>;

/** The flags as they were typed. */
export interface WrittenPlan {
  /** `5%`; absent with a cohort. */
  readonly canary?: string | undefined;
  /** Those that a condition chose, and how many there are in all. */
  readonly cohort?: Cohort | undefined;
  /** `25%,100%`: what `--then` says. */
  readonly more?: string | undefined;
  /** `10m` */
  readonly hold?: string | undefined;
  /** `failed<1%,offline<=5%` */
  readonly gate?: string | undefined;
  /** `80%` */
  readonly minRan?: string | undefined;
  readonly salt?: string | undefined;
}

/** Envoys that a condition chose, out of so many. */
export interface Cohort {
  readonly where: string;
  readonly envoys: readonly string[];
  readonly of: number;
}

/** Throws `invalid`, naming the flag. */
export function readPlan(written: WrittenPlan): RolloutPlan {
  const { canary = "", cohort, more, hold, gate, minRan, salt } = written;
  const first = cohort === undefined ? asPercent("--canary", canary) : shareOf(cohort);
  const next = more === undefined ? [] : words(more).map((each) => asPercent("--then", each));
  const stages = [first, ...next];
  if (stages.at(-1) !== 100) stages.push(100);
  if (!rises(stages))
    throw wrong("--then", `the parts must grow: ${stages.map((each) => `${each}%`).join(", ")}`);
  if (stages.length > most.stages) throw wrong("--then", `at most ${most.stages} parts`);
  return {
    stages,
    hold_ms: asHold(hold ?? "10m"),
    gates: gate === undefined ? [] : asGates(gate),
    min_ran: asPercent("--min-ran", minRan ?? "80%"),
    salt: asSalt(salt ?? "canary"),
    ...(cohort && { cohort: { where: cohort.where, envoys: cohort.envoys } }),
  };
}

/** In percent of the fleet, so that it is told like a random part. */
function shareOf({ envoys, of }: Cohort): number {
  if (envoys.length === 0) throw wrong("--cohort", `the condition chooses none of ${of} envoys`);
  if (envoys.length > most.cohort)
    throw wrong(
      "--cohort",
      `the condition chooses ${envoys.length} envoys, and ${most.cohort} are the most`,
      "a random part of any size: --canary 5%",
    );
  return Math.max(0.0001, Math.round((envoys.length / of) * 1_000_000) / 10_000);
}

const words = (list: string): readonly string[] => list.split(",").map((each) => each.trim());

function asPercent(flag: string, written: string): number {
  const [, number] = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(written.trim()) ?? [];
  const value = Number(number);
  if (value > 0 && value <= 100) return value;
  throw wrong(flag, `"${written}" is no part of the fleet`, "like 5%, above 0% and up to 100%");
}

function asHold(written: string): number {
  const ms = parseDuration(written);
  if (ms === undefined) throw wrong("--hold", `"${written}" is no duration`, "like 10m or 1h");
  if (ms < leastHoldMs || ms > most.holdMs)
    throw wrong(
      "--hold",
      `must be from ${printDuration(leastHoldMs)} to ${printDuration(most.holdMs)}, not ${written}`,
    );
  return ms;
}

function asSalt(written: string): string {
  if (/^[^\p{Cc}]{1,100}$/u.test(written)) return written;
  throw wrong("--cohort-salt", "must be a word of 1 to 100 characters");
}

function asGates(written: string): readonly Gate[] {
  const gates = words(written).map(asGate);
  if (gates.length > most.gates) throw wrong("--gate", `at most ${most.gates} gates`);
  return gates;
}

function asGate(written: string): Gate {
  const hint = `like failed<1%; what is measured: ${metrics.join(", ")}`;
  const [, name = "", op = "", number = ""] =
    /^([a-z_]+)\s*([<>=!]+)\s*(\d{1,3}(?:\.\d{1,4})?)%$/i.exec(written) ?? [];
  if (name === "") throw wrong("--gate", `"${written}" is no gate`, hint);
  const metric = metrics.find((each) => each === name);
  if (metric === undefined) throw wrong("--gate", unknownWord("metric", name, metrics), hint);
  if (op !== "<" && op !== "<=")
    throw wrong("--gate", `"${written}": a gate says how few there must be`, "write < or <=");
  if (Number(number) > 100) throw wrong("--gate", `"${written}": more than 100%`, hint);
  return { metric, op, percent: Number(number) };
}

/** `failed<1%` */
export const printGate = ({ metric, op, percent: limit }: Gate): string =>
  `${metric}${op}${limit}%`;

const wrong = (flag: string, why: string, hint?: string) =>
  new VigoError("invalid", `${flag}: ${why}`, { hint });
