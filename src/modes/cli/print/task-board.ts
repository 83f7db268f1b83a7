/** A task at a glance: how far it is, and those of its targets that matter now. Must not know where it is drawn. */
import type { Target, Task, TaskEvent } from "../../../core/api/tasks.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { printDuration } from "../../../core/duration.ts";
import { isFailure, isFinal } from "../../../core/tasks/states.ts";
import { table } from "./table.ts";
import { stood, visible } from "./text.ts";

/** What is under way comes first, then what went wrong, then who is awaited; who ended well is only counted. */
const ranks: readonly ((target: Target) => boolean)[] = [
  ({ state }) => state === "running",
  ({ state }) => state === "sent",
  ({ state }) => isFailure(state),
  ({ state }) => state !== "ok",
];

const barWidth = 24;

export class TaskBoard {
  readonly #screen: Screen;
  readonly #targets = new Map<string, Target>();
  #task: Task | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  heed(event: TaskEvent): void {
    if (event.kind === "target") this.#targets.set(event.target.envoy_id, event.target);
    else if (event.kind !== "output") this.#task = event.task;
  }

  /** At most so many; none for a single target. */
  lines(rows: number, now: number): readonly string[] {
    const all = [...this.#targets.values()];
    if (all.length < 2) return [];
    const shown = ranks
      .flatMap((fits, rank) => all.filter((each) => rankOf(each) === rank && fits(each)))
      .slice(0, Math.max(0, rows - 3));
    const text = table(
      this.#screen,
      ["HOSTNAME", "BATCH", "STATE", "FOR"],
      shown.map((each) => [
        visible(each.hostname),
        String(each.batch),
        stood(this.#screen, each.state),
        lasting(each, now),
      ]),
      "",
    );
    return [...(text === "" ? [] : text.split("\n")), this.#progress(all)];
  }

  #progress(all: readonly Target[]): string {
    const ended = all.filter(({ state }) => isFinal(state));
    const failed = all.filter(({ state }) => isFailure(state)).length;
    const full = Math.floor((barWidth * ended.length) / all.length);
    const batches = Math.max(...all.map(({ batch }) => batch));
    const { batch = 1, checking = false, state = "running" } = this.#task ?? {};
    return [
      `[${"#".repeat(full)}${".".repeat(barWidth - full)}] ${ended.length} of ${all.length}`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(batches > 1 ? [`batch ${batch} of ${batches}`] : []),
      ...(checking ? ["health check"] : []),
      ...(state === "running" ? [] : [state]),
    ].join(" · ");
  }
}

const rankOf = (target: Target): number => ranks.findIndex((fits) => fits(target));

/** The clock of the machine may be another: never less than nothing. */
function lasting({ started_at, state }: Target, now: number): string {
  if (started_at === undefined || state !== "running") return "";
  return printDuration(Math.max(0, Math.floor((now - Date.parse(started_at)) / 1_000)) * 1_000);
}
