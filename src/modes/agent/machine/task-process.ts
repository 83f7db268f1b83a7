/**
 * Runs the command of a task: a shell in a group of its own, a clean environment, what it prints handed on as it comes, an end by
 * time or by word. Must not know orders, records, nor where what is printed goes.
 */
import { spawn } from "bun";
import { userInfo } from "node:os";
import { atMost, codeOf, lastWordsMs, searched, stop } from "./process.ts";

export interface TaskCommand {
  /** For `sh -c`. */
  readonly command: string;
  readonly timeoutMs: number;
  /** Once aborted, the whole group is stopped; the reason of it says how the task ended. */
  readonly end: AbortSignal;
  printed(stream: "out" | "err", bytes: Uint8Array): void;
}

export type TaskEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "timed out" }
  | { readonly kind: "ended" };

/** Rejects when the shell cannot be started. */
export async function runTask(task: TaskCommand): Promise<TaskEnd> {
  const { username, homedir } = userInfo();
  const child = spawn(["/bin/sh", "-c", task.command], {
    detached: true,
    env: {
      PATH: searched,
      LANG: "C",
      LC_ALL: "C",
      HOME: homedir,
      USER: username,
      LOGNAME: username,
    },
    cwd: "/",
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let stopped: Promise<void> | undefined;
  let timedOut = false;
  const end = () => {
    stopped ??= stop(child);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, task.timeoutMs);
  task.end.addEventListener("abort", end, { once: true });
  if (task.end.aborted) end();
  const out = hear(child.stdout, (bytes) => task.printed("out", bytes));
  const err = hear(child.stderr, (bytes) => task.printed("err", bytes));
  try {
    await child.exited;
    await atMost(lastWordsMs, Promise.all([out.done, err.done]));
  } finally {
    clearTimeout(timer);
    task.end.removeEventListener("abort", end);
    await Promise.all([out.stop(), err.stop()]);
  }
  if (stopped === undefined) return { kind: "exited", code: codeOf(child) };
  await stopped;
  return { kind: timedOut ? "timed out" : "ended" };
}

function hear(stream: ReadableStream<Uint8Array>, printed: (bytes: Uint8Array) => void) {
  const reader = stream.getReader();
  const take = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      printed(value);
    }
  };
  return { done: take(), stop: () => reader.cancel() };
}
