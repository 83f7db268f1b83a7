/**
 * Runs commands, and is the only place that does: no shell unless asked for, a clean environment, a session of its own, a time
 * limit for the whole group, and an end to what is printed. Must not know what a command means.
 */
import { spawn, type Subprocess, which } from "bun";
import fs from "node:fs";
import { VigoError } from "../../../core/errors.ts";
import type { Command, CommandResult, User } from "../../../core/host.ts";
import { noSuchFolder, noSuchUser, programMissing } from "../../../core/refused-commands.ts";
import type { AtWork } from "./at-work.ts";
import { cleanEnvironment, searchedOn } from "./environment.ts";
import { hasCode } from "./failure.ts";
import { headOf } from "../../../core/text/cut.ts";

export const searched = searchedOn(process.platform, process.env);
const mostKept = 1024 * 1024;
const longest = 300_000;
const politeMs = 5_000;
/** A daemon may keep the pipes of the command that started it open: its words are not waited for. */
export const lastWordsMs = 500;

export async function runCommand(
  command: Command,
  user: (name: string) => User | undefined,
  { kill, atWork }: { readonly kill?: AbortSignal | undefined; readonly atWork?: AtWork } = {},
): Promise<CommandResult> {
  if (kill?.aborted === true) throw endedWith(command);
  const account = user(command.user ?? `${process.geteuid?.() ?? 0}`);
  if (command.user !== undefined && account === undefined) throw noSuchUser(command.user);
  const argv = "shell" in command.argv ? ["sh", "-c", command.argv.shell] : command.argv;
  const env = environment(account, command.env);
  const missing = notThere(argv, env, command.cwd);
  if (missing !== undefined) return missing;
  const child = spawn([...as(command, account, env), ...argv], {
    detached: true,
    env,
    cwd: command.cwd ?? "/",
    stdin: command.stdin === undefined ? "ignore" : new TextEncoder().encode(command.stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const outlives = command.outlives === true;
  // Its program alone: what else it is given may be secret, and this is written to the disk.
  atWork?.begun(child.pid, outlives, argv[0] ?? "");
  try {
    return await finish(child, command, outlives ? undefined : kill);
  } finally {
    atWork?.ended(child.pid);
  }
}

function environment(account: User | undefined, more: Command["env"]): Record<string, string> {
  const own = account && { HOME: account.home, USER: account.name, LOGNAME: account.name };
  return { ...cleanEnvironment(process.platform, process.env), ...own, ...more };
}

/** What the shell would answer, instead of an exception from deep inside. */
function notThere(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string | undefined,
): CommandResult | undefined {
  const [program = ""] = argv;
  if (cwd !== undefined && !fs.existsSync(cwd)) throw noSuchFolder(program, cwd);
  if (which(program, { PATH: env["PATH"] ?? searched, cwd: cwd ?? "/" }) !== null) return undefined;
  return programMissing(program);
}

/** The words that switch to another account with its groups; none when it is ours already. */
function as(
  { user: wanted }: Command,
  account: User | undefined,
  env: Readonly<Record<string, string>>,
): readonly string[] {
  if (wanted === undefined || account === undefined || account.uid === process.geteuid?.())
    return [];
  const PATH = searched;
  const tool = which("setpriv", { PATH });
  if (tool !== null)
    return [
      tool,
      `--reuid=${account.uid}`,
      `--regid=${account.gid}`,
      "--init-groups",
      "--inh-caps=-all",
      "--",
    ];
  const fallback = which("runuser", { PATH });
  if (fallback !== null)
    return [fallback, "-u", account.name, "--", "env", `PATH=${env["PATH"] ?? searched}`];
  throw new VigoError("failed", `cannot run as ${account.name}: neither setpriv nor runuser here`, {
    hint: "install util-linux",
  });
}

type Child = Subprocess<"ignore" | Uint8Array<ArrayBuffer>, "pipe", "pipe">;

async function finish(
  child: Child,
  command: Command,
  kill: AbortSignal | undefined,
): Promise<CommandResult> {
  const limit = command.timeoutMs ?? longest;
  let stopped: VigoError | undefined;
  const end = (why: VigoError) => {
    stopped ??= why;
    void stop(child);
  };
  const timer = setTimeout(() => end(tookTooLong(command, limit)), limit);
  const killed = () => end(endedWith(command));
  kill?.addEventListener("abort", killed, { once: true });
  const out = listen(child.stdout);
  const err = listen(child.stderr);
  try {
    await child.exited;
    await atMost(lastWordsMs, Promise.all([out.done, err.done]));
  } finally {
    clearTimeout(timer);
    kill?.removeEventListener("abort", killed);
    await Promise.all([out.stop(), err.stop()]);
  }
  if (stopped !== undefined) {
    await stop(child);
    throw stopped;
  }
  const code = codeOf(child);
  const cut = out.cut() || err.cut();
  return { code, stdout: out.text(), stderr: err.text(), ...(cut ? { truncated: true } : {}) };
}

const tookTooLong = (command: Command, limit: number) =>
  new VigoError("failed", `${title(command)} took longer than ${limit / 1000} s and was stopped`, {
    hint: "find out what it waits for, or give the resource a longer timeout",
  });

const endedWith = (command: Command) =>
  new VigoError("failed", `${title(command)} was stopped, because the agent was told to end`, {
    hint: "the next run begins it again",
  });

/** A timer that is not needed any more must not keep the program from ending. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

/** As the shell counts: 128 and the number of the signal. */
const signals: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
/** The exit code as a shell gives it. */
export const codeOf = (child: Pick<Child, "signalCode" | "exitCode">): number =>
  child.signalCode === null ? (child.exitCode ?? 1) : 128 + (signals[child.signalCode] ?? 0);

/** A word for messages; nothing of a sensitive command but that it was one. */
function title({ argv, sensitive }: Command): string {
  if (sensitive === true) return "a command that is not shown";
  const line = "shell" in argv ? argv.shell : argv.join(" ");
  return headOf(line, 200);
}

/** SIGTERM to the group, five seconds, SIGKILL to what is left of it. */
export async function stop(child: Pick<Child, "pid">): Promise<void> {
  tell(child.pid, "SIGTERM");
  const end = Date.now() + politeMs;
  while (tell(child.pid, 0) && Date.now() < end) await Bun.sleep(20);
  tell(child.pid, "SIGKILL");
}

/** Windows has no groups of processes: there it is the program alone, and a number below 0 is nobody. */
export const groupOf = (leader: number, platform: NodeJS.Platform): number =>
  platform === "win32" ? leader : -leader;

/** False when nobody is left in the group. */
function tell(group: number, word: NodeJS.Signals | 0): boolean {
  try {
    process.kill(groupOf(group, process.platform), word);
    return true;
  } catch (error) {
    if (hasCode(error, "ESRCH")) return false;
    throw error;
  }
}

/** Collects what comes, keeps the first MiB, and reads on so that the writer is not held up. */
function listen(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let kept = 0;
  let total = 0;
  const take = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      total += value.length;
      const part = value.subarray(0, mostKept - kept);
      if (part.length > 0) parts.push(part);
      kept += part.length;
    }
  };
  const cut = () => total > kept;
  return {
    done: take(),
    stop: () => reader.cancel(),
    cut,
    text: () => {
      const text = Buffer.concat(parts).toString("utf8");
      return cut() ? `${text}\n[${total - kept} more bytes are not kept]\n` : text;
    },
  };
}
