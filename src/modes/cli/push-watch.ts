/** Shows what comes of a push, machine by machine. Must not know how machines are told. */
import type { PushEvent } from "../../core/api/push.ts";
import { inertJson } from "../../core/inert.ts";
import type { Cli } from "./command.ts";
import { Live } from "./live.ts";
import { printPushed, PushBoard } from "./print/push.ts";
import { pushed, type PushWish } from "./push-follow.ts";

/** Gives the exit code: 0 when all ran well that are not in maintenance. */
export async function watchPush(
  { follow, screen }: Pick<Cli, "follow" | "screen">,
  wish: PushWish,
  json: boolean,
): Promise<number> {
  const board = new PushBoard();
  const live = new Live(screen, () => (json ? [] : board.lines()));
  const above = { ...screen, err: (text: string) => live.above(() => screen.err(text)) };
  try {
    for await (const event of pushed({ follow, screen: above }, wish)) {
      board.heed(event);
      const line = json ? inertJson(JSON.stringify(event)) : printPushed(screen, event);
      live.above(() => screen[json || isRow(event) ? "out" : "err"](line));
      if (event.kind === "end") return event.missing + event.failed === 0 ? 0 : 1;
    }
  } finally {
    live.end();
  }
  throw new Error("a push that was followed never ended");
}

const isRow = ({ kind }: PushEvent): boolean => kind !== "begin" && kind !== "end";
