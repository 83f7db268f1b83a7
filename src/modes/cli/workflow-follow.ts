/**
 * Follows a run of a workflow to its end: for a person a table that is drawn again in its place, else a line for each change. Must not
 * know how a run is begun.
 */
import { followWorkflowRun, type WholeRun, type WorkflowEvent } from "../../core/api/workflows.ts";
import type { Screen } from "../../core/command/screen.ts";
import type { Cli } from "./command.ts";
import { Live } from "./live.ts";
import { patiently } from "./patiently.ts";
import { nudge, printChange, printFailed, printRun, printSteps } from "./print/workflow.ts";

/** Rejects when the server stays away. The run as it ended. */
export async function followRun(
  cli: Pick<Cli, "follow" | "screen">,
  id: string,
  json: boolean,
): Promise<WholeRun> {
  const { screen } = cli;
  const view = json
    ? jsonLines(screen)
    : screen.watched
      ? new LiveTable(screen)
      : new Lines(screen);
  let run: WholeRun | undefined;
  const open = () => cli.follow(followWorkflowRun, { params: { id } });
  try {
    const aloud = { err: (text: string) => view.say(text) };
    for await (const event of patiently(aloud, { what: "run", open })) {
      run = after(run, event);
      view.show(run, event);
    }
  } finally {
    view.close();
  }
  if (run === undefined) throw new Error("a run that was followed to its end was never shown");
  return run;
}

function after(run: WholeRun | undefined, event: WorkflowEvent): WholeRun {
  if (event.kind !== "step") return event.run;
  if (run === undefined) throw new Error("a step came before its run");
  const { step, state } = event;
  return { ...run, state, steps: run.steps.map((one) => (one.key === step.key ? step : one)) };
}

interface View {
  show(run: WholeRun, event: WorkflowEvent): void;
  /** A message that stays. */
  say(text: string): void;
  close(): void;
}

const jsonLines = (screen: Screen): View => ({
  show: (_, event) => screen.out(JSON.stringify(event)),
  say: (text) => screen.err(text),
  close: () => {},
});

/** For logs: each state of each step once. */
class Lines implements View {
  readonly #screen: Screen;
  readonly #said = new Map<string, string>();
  #waiting = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(run: WholeRun): void {
    for (const step of run.steps) {
      if (step.state === "pending" || this.#said.get(step.key) === step.state) continue;
      this.#said.set(step.key, step.state);
      this.#screen.err(printChange(this.#screen, step));
    }
    const waits = run.state === "waiting";
    if (waits && !this.#waiting) this.#screen.err(nudge(run.id));
    this.#waiting = waits;
  }

  say(text: string): void {
    this.#screen.err(text);
  }

  close(): void {}
}

class LiveTable implements View {
  readonly #screen: Screen;
  readonly #live: Live;
  #run: WholeRun | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#live = new Live(screen, (rows) =>
      this.#run === undefined ? [] : linesOf(screen, this.#run, rows),
    );
  }

  show(run: WholeRun): void {
    this.#run = run;
    this.#live.changed();
  }

  say(text: string): void {
    this.#live.above(() => this.#screen.err(text));
  }

  /** What is left behind is the whole table, as plain text. */
  close(): void {
    this.#live.end();
    if (this.#run !== undefined)
      this.#screen.err(printSteps(this.#screen, this.#run.steps, new Date()));
  }
}

/** What stands around the steps: a title, who is asked, the head of the table, and what is left out above and below. */
const around = 5;

function linesOf(screen: Screen, run: WholeRun, space: number): readonly string[] {
  const [head = "", ...rows] = printSteps(screen, run.steps, new Date()).split("\n");
  const most = Math.max(1, space - around);
  const from = Math.min(Math.max(0, currentOf(run) - 4), Math.max(0, rows.length - most));
  const shown = rows.slice(from, from + most);
  return [
    `${run.workflow}: ${run.state}, ${run.targets} targets, ${run.failed.length} failed`,
    ...(run.state === "waiting" ? [nudge(run.id)] : []),
    head,
    ...(from > 0 ? [`… ${from} before`] : []),
    ...shown,
    ...(from + most < rows.length ? [`… ${rows.length - from - most} to come`] : []),
  ].slice(0, space);
}

const currentOf = ({ steps }: WholeRun): number => {
  const at = steps.findIndex(({ state }) => state === "running" || state === "pending");
  return at === -1 ? steps.length : at;
};

/** It is done, and no machine has failed. */
export const endedWell = ({ state, failed }: WholeRun): boolean =>
  state === "done" && failed.length === 0;

/** What is left to be said when it is over. */
export function printEnd(screen: Screen, run: WholeRun): void {
  const now = new Date();
  screen.err(printRun(screen, run, now));
  const failed = printFailed(screen, run);
  if (failed !== "") screen.err(failed);
}
