/** How a published version does, in a few lines. Must not know where that is kept. */
import type { configStatus } from "../../../core/api/config.ts";
import type { Answer } from "../../../core/api/endpoint.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { relative } from "./moment.ts";
import { painted, visible } from "./text.ts";

export type ShownRollout = NonNullable<Answer<typeof configStatus>["rollout"]>;

export function printRollout(screen: Screen, rollout: ShownRollout, now: Date): string {
  const { percent, stages, since, online, ran, gates } = rollout;
  const part = percent === 100 ? "everyone" : `${percent}% of the fleet`;
  const stage = stages === undefined ? "" : ` (stages ${stages.map((s) => `${s}%`).join(", ")})`;
  const head = `${stateOf(screen, rollout)} with ${part}${stage} since ${relative(since, now)}`;
  const needed = rollout.min_ran === undefined ? "" : `, ${rollout.min_ran}% must have`;
  const lines = [
    `  ran     ${ran}, of ${online} online envoys${needed}`,
    `  health  ${rounded(rollout.health)}%, before ${rounded(rollout.health_before)}%`,
    ...gates.map((gate) => `  gate    ${visible(gate.gate)}: ${measured(screen, gate)}`),
    ...(rollout.why === undefined ? [] : [`  ended   ${visible(rollout.why)}`]),
  ];
  return [head, ...lines].join("\n");
}

const words = {
  watching: ["yellow", "Watched"],
  done: ["green", "Well"],
  halted: ["red", "Taken back"],
} as const;

function stateOf(screen: Screen, { state }: ShownRollout): string {
  const [paint, word] = words[state];
  return painted(screen, paint, word);
}

const measured = (screen: Screen, { percent, broken }: ShownRollout["gates"][number]): string =>
  painted(screen, broken ? "red" : "green", `${rounded(percent)}%${broken ? ", broken" : ""}`);

const rounded = (percent: number): number => Math.round(percent * 100) / 100;
