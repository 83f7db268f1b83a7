/** Tasks for people: lines as machines print them, and how it ended. Must not know where they come from. */
import type { Target, Task, TaskEvent } from "../../../core/api/tasks.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { table } from "./table.ts";
import { asPrinted, stood, visible } from "./text.ts";

/** Prints whole lines, each with its machine where there are several; what goes to standard error goes there. */
export class TaskLines {
  readonly #screen: Screen;
  readonly #named: boolean;
  readonly #rest = new Map<string, { readonly hostname: string; readonly text: string }>();

  constructor(screen: Screen, named: boolean) {
    this.#screen = screen;
    this.#named = named;
  }

  heed(event: TaskEvent): void {
    if (event.kind === "output") this.#add(event);
    else if (event.kind === "target" && event.target.ended_at !== undefined)
      for (const stream of ["out", "err"] as const) this.#finish(event.target.envoy_id, stream);
    else if (event.kind === "task" && ["stopped", "cancelled"].includes(event.task.state))
      this.#screen.err(`the task is ${event.task.state}: ${visible(event.task.reason ?? "")}`);
  }

  #add({ envoy_id, hostname, stream, text }: TaskEvent & { readonly kind: "output" }): void {
    const key = `${stream} ${envoy_id}`;
    const lines = ((this.#rest.get(key)?.text ?? "") + text).split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) this.#print(stream, hostname, line);
    this.#rest.set(key, { hostname, text: last });
  }

  #finish(envoyId: string, stream: "out" | "err"): void {
    const key = `${stream} ${envoyId}`;
    const rest = this.#rest.get(key);
    this.#rest.delete(key);
    if (rest !== undefined && rest.text !== "") this.#print(stream, rest.hostname, rest.text);
  }

  #print(stream: "out" | "err", hostname: string, line: string): void {
    const text = asPrinted(line);
    this.#screen[stream](this.#named ? `${visible(hostname)}: ${text}` : text);
  }
}

/** `3 ok, 1 failed` */
export const printCounts = (counts: Task["counts"]): string =>
  Object.entries(counts)
    .filter(([, count]) => (count ?? 0) > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");

export const isGood = ({ state, counts }: Task): boolean =>
  state === "done" && Object.keys(counts).every((each) => each === "ok");

/** Those that ended otherwise than well, one a line; all of them with `all`. */
export function printTargets(screen: Screen, targets: readonly Target[], all: boolean): string {
  const rows = targets
    .filter(({ state, dropped }) => all || state !== "ok" || dropped !== undefined)
    .map(({ hostname, batch, state, exit_code, reason = "", dropped }) => [
      visible(hostname),
      String(batch),
      stood(screen, state),
      exit_code === undefined ? "" : String(exit_code),
      [visible(reason), dropped === undefined ? "" : `${dropped} more bytes are not kept`]
        .filter((part) => part !== "")
        .join("; "),
    ]);
  return table(screen, ["HOSTNAME", "BATCH", "STATE", "EXIT", "WHY"], rows, "");
}
