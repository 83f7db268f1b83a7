/**
 * Shows a task as it goes on: lines as machines print them, below them a table of those under way where a person watches, at its end
 * those that did not end well. Must not know who ordered it.
 */
import type { TaskEvent } from "../../core/api/tasks.ts";
import { inertJson } from "../../core/inert.ts";
import type { Cli } from "./command.ts";
import { Live } from "./live.ts";
import { TaskBoard } from "./print/task-board.ts";
import { isGood, printCounts, printTargets, TaskLines } from "./print/task.ts";
import { followToEnd } from "./task-follow.ts";

/** Gives the exit code: 0 when it ended well everywhere. */
export async function watchTask(cli: Cli, id: string, named: boolean, json: boolean) {
  const { screen } = cli;
  const print = (event: TaskEvent) => screen.out(inertJson(JSON.stringify(event)));
  const { task, targets } = json
    ? await followToEnd(cli, id, print)
    : await onBoard(cli, id, new TaskLines(screen, named));
  if (!json) {
    const others = printTargets(screen, targets, false);
    if (others !== "") screen.err(others);
    screen.err(printCounts(task.counts));
  }
  return isGood(task) ? 0 : 1;
}

async function onBoard(cli: Cli, id: string, lines: TaskLines) {
  const board = new TaskBoard(cli.screen);
  const live = new Live(cli.screen, (rows) => board.lines(rows, Date.now()));
  const above = { ...cli.screen, err: (text: string) => live.above(() => cli.screen.err(text)) };
  try {
    return await followToEnd({ ...cli, screen: above }, id, (event) => {
      board.heed(event);
      live.above(() => lines.heed(event));
    });
  } finally {
    live.end();
  }
}
