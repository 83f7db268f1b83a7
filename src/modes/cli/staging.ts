/** The flags of a staged publish, and what they ask for. Must not know how anything is published. */
import { misused } from "../../core/command/args.ts";
import { type Cohort, readPlan, type RolloutPlan } from "../../core/rollout/plan.ts";

export const stagingFlags = {
  canary: {
    type: "string",
    description: "Publish to this part of the fleet first, a random but stable one.",
    valueHint: "5%",
  },
  cohort: {
    type: "string",
    description: "Publish to the envoys that a condition chooses first, instead of a random part.",
    valueHint: "'where: COND'",
  },
  // biome-ignore lint/suspicious/noThenProperty: the flag's name; nobody awaits the flags
  then: {
    type: "string",
    description: "The parts after it; everyone comes last in any case.",
    valueHint: "25%,100%",
  },
  hold: {
    type: "string",
    description: "How long each part is watched (10m): at least two check-ins.",
    valueHint: "10m",
  },
  gate: {
    type: "string",
    many: true,
    description: "What must hold; otherwise the former version is published again.",
    valueHint: "failed<1%",
  },
  "min-ran": {
    type: "string",
    description:
      "Part of the online envoys that must have run it before anything is decided (80%).",
    valueHint: "80%",
  },
  "cohort-salt": {
    type: "string",
    description: "Another word gives other parts of the fleet (canary).",
    valueHint: "WORD",
  },
  rollback: {
    type: "boolean",
    default: true,
    description: "Take it back when the fleet gets worse by it.",
  },
  supersede: {
    type: "boolean",
    description: "Publish over a version that has not reached everyone.",
  },
} as const;

interface Given {
  readonly canary?: string | undefined;
  readonly cohort?: string | undefined;
  readonly then?: string | undefined;
  readonly hold?: string | undefined;
  readonly gate: readonly string[];
  readonly "min-ran"?: string | undefined;
  readonly "cohort-salt"?: string | undefined;
  readonly rollback: boolean;
  readonly supersede: boolean;
}

export interface Staging {
  readonly rollout?: RolloutPlan;
  readonly unwatched: boolean;
  readonly supersede: boolean;
}

/** Who tells which envoys a condition chooses. */
export type Choosing = (where: string) => Promise<Cohort>;

/** Rejects with `invalid`, naming the flag. */
export async function stagingOf(given: Given, choose: Choosing): Promise<Staging> {
  const { canary, cohort: chosen, rollback, supersede } = given;
  const common = { unwatched: !rollback, supersede };
  if (canary !== undefined && chosen !== undefined)
    throw misused("--canary and --cohort both say who comes first: write one of them");
  if (canary === undefined && chosen === undefined) {
    const lost = (["then", "hold", "min-ran", "cohort-salt"] as const).find(
      (name) => given[name] !== undefined,
    );
    if (lost !== undefined || given.gate.length > 0)
      throw misused(`--${lost ?? "gate"} goes with --canary or --cohort`);
    return common;
  }
  if (!rollback) throw misused("--no-rollback does not go with stages: their gates decide");
  const cohort = chosen === undefined ? undefined : await choose(whereOf(chosen));
  const { then: more, hold } = given;
  const gate = given.gate.length === 0 ? undefined : given.gate.join(",");
  const [minRan, salt] = [given["min-ran"], given["cohort-salt"]];
  return { ...common, rollout: readPlan({ canary, cohort, more, hold, gate, minRan, salt }) };
}

function whereOf(written: string): string {
  const [, where] = /^where:\s*(\S.*)$/s.exec(written.trim()) ?? [];
  if (where === undefined)
    throw misused(`--cohort 'where: CONDITION', like --cohort 'where: envoy.hostname == "web-1"'`);
  return where;
}
