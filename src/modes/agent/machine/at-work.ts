/**
 * Commands that act, written down while they are under way: whoever comes after an agent that was killed, or that had to end, finds
 * those that go on without it. Those that outlive an agent are waited for, others are stopped, as it would have done itself. Must not
 * know what they do.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errno } from "../../../core/publish/errno.ts";
import { isThere, markOf, type ProcessMark } from "./orphans.ts";
import { stop } from "./process.ts";

/** Longer than any command of ours may take. */
const longestMs = 60 * 60_000;

export interface AtWork {
  begun(pid: number, outlives: boolean, program: string): void;
  ended(pid: number): void;
}

/** A file each. Nothing on machines that tell no process from a later one of its number. */
export const atWorkIn = (folder: string): AtWork => ({
  begun(pid, outlives, program) {
    const [mark, agent] = [markOf(pid), markOf(process.pid)];
    if (mark === undefined || agent === undefined) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const kind = outlives ? "outlives" : "ends";
    const words = [mark.boot, mark.pid, mark.start, agent.pid, agent.start, kind, program];
    writeFileSync(join(folder, `${pid}`), words.join(" "), { mode: 0o600 });
  },
  ended: (pid) => rmSync(join(folder, `${pid}`), { force: true }),
});

/** Nothing that an agent has begun which is no more is at work when this is done. */
export async function settleLeft(folder: string, tell: (message: string) => void): Promise<void> {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const left = noteIn(path);
    if (left !== undefined && isThere(left.agent)) continue;
    if (left !== undefined && isThere(left)) await settle(left, tell);
    rmSync(path, { force: true });
  }
}

interface Note extends ProcessMark {
  readonly agent: ProcessMark;
  readonly outlives: boolean;
  readonly program: string;
}

async function settle(left: Note, tell: (message: string) => void): Promise<void> {
  const { pid, outlives } = left;
  const what = `what an earlier run has left at work: ${left.program} (process ${pid})`;
  if (outlives) {
    tell(`waits for ${what}`);
    const end = Date.now() + longestMs;
    while (isThere(left) && Date.now() < end) await Bun.sleep(100);
  }
  if (!isThere(left)) return;
  tell(`stops ${what}`);
  await stop({ pid });
}

const namesIn = (folder: string): readonly string[] => ifThere(() => readdirSync(folder)) ?? [];

/** Undefined where it ended just now, or was cut short with the power: then nothing is at work any more. */
function noteIn(path: string): Note | undefined {
  const text = ifThere(() => readFileSync(path, "utf8")) ?? "";
  const words = /^([0-9a-f-]{36}) (\d+) (\d+) (\d+) (\d+) (outlives|ends) (.*)$/s.exec(text);
  if (words === null) return undefined;
  const [, boot = "", pid, start = "", agent, agentStart = "", kind, program = ""] = words;
  return {
    ...{ boot, pid: Number(pid), start, outlives: kind === "outlives", program },
    agent: { boot, pid: Number(agent), start: agentStart },
  };
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}
