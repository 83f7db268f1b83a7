/**
 * Follows a run of a workflow to its end: for a person a table that is drawn again in its place, else a line for each change. Must not
 * know how a run is begun.
 */
import { followWorkflowRun, type WholeRun, type WorkflowEvent } from "../../core/api/workflows.ts";
import type { Screen } from "../../core/command/screen.ts";
import type { Cli } from "./command.ts";
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
    for await (const event of patiently(screen, "run", open)) {
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
  close(): void;
}

const jsonLines = (screen: Screen): View => ({
  show: (_, event) => screen.out(JSON.stringify(event)),
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

  close(): void {}
}

/** Lines of a table that has its place on a terminal; a longer one would scroll away from under the cursor. */
const most = 18;
const everyMs = 1_000;

class LiveTable implements View {
  readonly #screen: Screen;
  readonly #timer: ReturnType<typeof setInterval>;
  #run: WholeRun | undefined;
  #drawn = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
    // Times go on while nothing happens.
    this.#timer = setInterval(() => this.#draw(), everyMs);
  }

  show(run: WholeRun): void {
    this.#run = run;
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #draw(): void {
    if (this.#run === undefined) return;
    const lines = linesOf(this.#screen, this.#run, new Date());
    const back = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A\u001b[J`;
    this.#drawn = lines.length;
    this.#screen.err(back + lines.join("\n"));
  }
}

function linesOf(screen: Screen, run: WholeRun, now: Date): readonly string[] {
  const [head = "", ...rows] = printSteps(screen, run.steps, now).split("\n");
  const from = Math.min(Math.max(0, currentOf(run) - 4), Math.max(0, rows.length - most));
  const shown = rows.slice(from, from + most);
  return [
    `${run.workflow}: ${run.state}, ${run.targets} targets, ${run.failed.length} failed`,
    ...(run.state === "waiting" ? [nudge(run.id)] : []),
    head,
    ...(from > 0 ? [`… ${from} before`] : []),
    ...shown,
    ...(from + most < rows.length ? [`… ${rows.length - from - most} to come`] : []),
  ].map((line) => clipped(line));
}

const currentOf = ({ steps }: WholeRun): number => {
  const at = steps.findIndex(({ state }) => state === "running" || state === "pending");
  return at === -1 ? steps.length : at;
};

/** One row of the table is one row of the terminal. */
const clipped = (line: string): string => {
  const wide = process.stderr.columns ?? 120;
  return Bun.stringWidth(line) <= wide ? line : Bun.sliceAnsi(line, 0, wide - 1);
};

/** What is left to be said when it is over. */
export function printEnd(screen: Screen, run: WholeRun): void {
  const now = new Date();
  screen.err(printRun(screen, run, now));
  const failed = printFailed(screen, run);
  if (failed !== "") screen.err(failed);
}
