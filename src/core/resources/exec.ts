/**
 * The `exec` type: a command that runs until its guards are content. Must not know what the command does: guards tell whether
 * it is needed, and tell again afterwards whether it has worked (semantics §1). Guards run in dry runs too and must not write.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Command, Host, ReadHost } from "../host.ts";
import {
  choice,
  commandLine,
  duration,
  flag,
  list,
  owner,
  pairs,
  parameters,
  path,
  shell,
  text,
  whole,
} from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { tailOf } from "../text/cut.ts";

const params = () =>
  parameters({
    command: commandLine("What to run: a text for the shell, or a list of words."),
    unless: shell("Shell command; the command runs unless this one succeeds.").exactOptional(),
    onlyif: shell("Shell command; the command runs only if this one succeeds.").exactOptional(),
    creates: path("What the command makes; it runs only while that is absent.").exactOptional(),
    refresh_only: flag("Run only when notified.").default(false),
    background: flag("Run when notified, and do not wait for its end.").default(false),
    cwd: path("Folder to run in.").exactOptional(),
    user: owner("Account to run as, guards included.").exactOptional(),
    environment: pairs("Variables added to a clean environment, for guards too.").exactOptional(),
    stdin: text("What the command reads.").exactOptional(),
    returns: list("Exit codes that mean success.", whole("An exit code.", { max: 255 })).default([
      0,
    ]),
    timeout: duration("How long it may take, like 90s or 10m; then it is stopped.").default(
      300_000,
    ),
    nice: whole("Niceness, -20 to 19; 19 yields to everybody.", {
      min: -20,
      max: 19,
    }).exactOptional(),
    logoutput: choice("Whether the report of a failure holds what was printed.", [
      "on_failure",
      "never",
    ]).default("on_failure"),
    on_revert: commandLine(
      "What undoes the command: with `revert: true` it runs once, unless a guard says that there is nothing to undo.",
    ).exactOptional(),
  }).refine((p) => isAction(p) !== guards.some((guard) => p[guard] !== undefined), {
    path: ["unless"],
    message:
      "an exec has a guard (unless, onlyif or creates), or else refresh_only or background: without one it would run every cycle",
  });

const guards = ["unless", "onlyif", "creates"] as const;
const isAction = (p: { readonly refresh_only: boolean; readonly background: boolean }) =>
  p.refresh_only || p.background;

type Params = z.output<ReturnType<typeof params>>;

export const exec = defineResource<Params>({
  name: "exec",
  summary: "Runs a command when its guards, or a notification, ask for it.",
  platforms: ["linux", "darwin"],
  params,
  main: "command",
  isAction,
  claims: () => [],
  after: (p) => (p.user === undefined || /^\d+$/.test(p.user) ? [] : [`user:${p.user}`]),

  async check(p, host, applied) {
    if (applied === undefined)
      return wish((await lacksPlace(p, host)) || (await asks(p, host, false)));
    const open = await asks(p, host, true);
    const proven = p.unless !== undefined || p.creates !== undefined;
    if (proven && open)
      throw new VigoError("failed", "the guard still asks for it: it would run every cycle", {
        hint: "let the command make its guard content, or mend the guard",
      });
    return [];
  },

  async apply(p, host) {
    await run(p, p.command, host);
  },

  refresh: (p, host) => run(p, p.command, host),

  refreshedBy: () => true,

  reversal: {
    kind: "command",
    async check(p, host) {
      if (await lacksPlace(p, host)) return [];
      const isDone = isAction(p) || !(await asks(p, host, false));
      return isDone ? differing("command", done, undone) : [];
    },
    async undo(p, host) {
      if (p.on_revert !== undefined) await run(p, p.on_revert, host);
    },
  },

  examples: [
    {
      title: "Once, as long as its result is there",
      params: {
        command: ["initdb", "-D", "/srv/db"],
        creates: "/srv/db/PG_VERSION",
        user: "postgres",
      },
    },
    { title: "When notified", params: { command: "newaliases", refresh_only: true } },
  ],
});

const [done, undone] = ["done", "not done"];
const wish = (open: boolean) => (open ? differing("command", undone, done) : []);

/** Account and folder may be made before the command's turn: guards cannot run without them, and a dry run is no failure. */
async function lacksPlace(p: Params, host: ReadHost): Promise<boolean> {
  if (p.user !== undefined && (await host.user(p.user)) === undefined) return true;
  return p.cwd !== undefined && (await host.stat(p.cwd, { follow: true })) === undefined;
}

/**
 * Do all guards ask for the command? The cheapest first. Before the command, an `unless` whose program is not there asks for it:
 * the command may well install it. Once `proven` it must run.
 */
async function asks(p: Params, host: ReadHost, proven: boolean): Promise<boolean> {
  if (p.creates !== undefined && (await host.stat(p.creates)) !== undefined) return false;
  if (p.unless !== undefined && (await guard(p, p.unless, host, proven))) return false;
  return p.onlyif === undefined || (await guard(p, p.onlyif, host, true));
}

async function guard(p: Params, text: string, host: ReadHost, mustRun: boolean): Promise<boolean> {
  const { code, stderr } = await host.query({ ...around(p), argv: { shell: text } });
  if (mustRun && (code === 126 || code === 127))
    throw new VigoError("failed", `the guard could not run: ${tailOf(stderr.trim(), 300)}`, {
      hint: "is the program of the guard installed by then? Depend on its package",
    });
  return code === 0;
}

const around = (p: Params): Omit<Command, "argv"> => ({
  timeoutMs: p.timeout,
  ...(p.user !== undefined && { user: p.user }),
  ...(p.cwd !== undefined && { cwd: p.cwd }),
  ...(p.environment !== undefined && { env: p.environment }),
});

async function run(p: Params, command: Params["command"], host: Host): Promise<void> {
  const { code, stdout, stderr } = await host.run({
    ...around(p),
    argv: prepared(p, command),
    ...(p.stdin !== undefined && { stdin: p.stdin }),
  });
  if (p.returns.includes(code)) return;
  const printed = `${stdout}${stderr}`.trim();
  const said = p.logoutput === "never" || printed === "" ? "" : `: ${tailOf(printed, 2000)}`;
  throw new VigoError("failed", `exit ${code}${said}`, {
    hint: code === 127 ? "is the program installed? Depend on its package" : undefined,
  });
}

function prepared({ nice, background }: Params, command: Params["command"]): Command["argv"] {
  if (nice === undefined && !background)
    return typeof command === "string" ? { shell: command } : command;
  const words = typeof command === "string" ? ["sh", "-c", command] : command;
  const polite = nice === undefined ? words : ["nice", "-n", `${nice}`, ...words];
  if (!background) return polite;
  return ["sh", "-c", '"$@" </dev/null >/dev/null 2>&1 &', "sh", ...polite];
}
