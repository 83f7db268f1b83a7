/**
 * Runs the command of a task: a program in a group of its own, a clean environment, what it prints handed on as it comes, an end by
 * time or by word. Must not know orders, records, nor where what is printed goes.
 */
import { spawn } from "bun";
import { ownAccount } from "./own-account.ts";
import { cleanEnvironment } from "./environment.ts";
import { atMost, codeOf, lastWordsMs, stop } from "./process.ts";

export interface TaskCommand {
  /** Program and words; a text for the shell is `/bin/sh -c TEXT`. */
  readonly argv: readonly string[];
  /** Beside what every task has. */
  readonly environment: Readonly<Record<string, string>>;
  /** For its standard input; undefined: there is none. */
  readonly input: string | undefined;
  /** Added to the niceness of the agent. */
  readonly nice: number;
  readonly timeoutMs: number;
  /** Once aborted, the whole group is stopped; the reason of it says how the task ended. */
  readonly end: AbortSignal;
  printed(stream: "out" | "err", bytes: Uint8Array): void;
}

export type TaskEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "timed out" }
  | { readonly kind: "ended" };

/** Rejects when the program cannot be started. `started` is told its process, which leads a group of its own. */
export async function runTask(task: TaskCommand, started: (pid: number) => void): Promise<TaskEnd> {
  const { name, home } = ownAccount();
  const child = spawn([...politely(task.nice), ...task.argv], {
    detached: true,
    env: {
      ...task.environment,
      ...cleanEnvironment(process.platform, process.env),
      HOME: home,
      USER: name,
      LOGNAME: name,
    },
    cwd: "/",
    stdin: task.input === undefined ? "ignore" : new TextEncoder().encode(task.input),
    stdout: "pipe",
    stderr: "pipe",
  });
  started(child.pid);
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

/** Before the program, so that all it starts is as nice. */
const politely = (nice: number): readonly string[] =>
  nice === 0 ? [] : ["nice", "-n", String(nice), "--"];

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
