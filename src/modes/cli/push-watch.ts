/** Shows what comes of a push, machine by machine. Must not know how machines are told. */
import { followPush, type PushEvent } from "../../core/api/push.ts";
import { VigoError } from "../../core/errors.ts";
import { inertJson } from "../../core/inert.ts";
import type { Cli } from "./command.ts";
import { Live } from "./live.ts";
import { printPushed, PushBoard } from "./print/push.ts";

/** Gives the exit code: 0 when all ran well that are not in maintenance. */
export async function watchPush(
  { follow, screen }: Pick<Cli, "follow" | "screen">,
  wish: { readonly targets: readonly string[]; readonly wait: string },
  json: boolean,
): Promise<number> {
  const board = new PushBoard();
  const live = new Live(screen, () => (json ? [] : board.lines()));
  const body = { targets: [...wish.targets], wait: wish.wait };
  let last: PushEvent | undefined;
  try {
    for await (const event of follow(followPush, { params: {}, body })) {
      board.heed(event);
      const line = json ? inertJson(JSON.stringify(event)) : printPushed(screen, event);
      live.above(() => screen[json || isRow(event) ? "out" : "err"](line));
      last = event;
    }
  } finally {
    live.end();
  }
  if (last?.kind === "end") return last.missing + last.failed === 0 ? 0 : 1;
  throw new VigoError("unavailable", "the server ended before all had run", {
    hint: "what was told is told: vigo cli runs list",
  });
}

const isRow = ({ kind }: PushEvent): boolean => kind !== "begin" && kind !== "end";
