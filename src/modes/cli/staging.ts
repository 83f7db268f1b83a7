/** The flags of a staged publish, and what they ask for. Must not know how anything is published. */
import { misused } from "../../core/command/args.ts";
import { readPlan, type RolloutPlan } from "../../core/rollout/plan.ts";

export const stagingFlags = {
  canary: {
    type: "string",
    description: "Publish to this part of the fleet first, a random but stable one.",
    valueHint: "5%",
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

/** Throws `invalid`, naming the flag. */
export function stagingOf(given: Given): Staging {
  const { canary, rollback, supersede } = given;
  const common = { unwatched: !rollback, supersede };
  if (canary === undefined) {
    const lost = (["then", "hold", "min-ran", "cohort-salt"] as const).find(
      (name) => given[name] !== undefined,
    );
    if (lost !== undefined || given.gate.length > 0)
      throw misused(`--${lost ?? "gate"} goes with --canary`);
    return common;
  }
  if (!rollback) throw misused("--no-rollback does not go with --canary: its gates decide");
  const { then: more, hold } = given;
  const gate = given.gate.length === 0 ? undefined : given.gate.join(",");
  const [minRan, salt] = [given["min-ran"], given["cohort-salt"]];
  return { ...common, rollout: readPlan({ canary, more, hold, gate, minRan, salt }) };
}
