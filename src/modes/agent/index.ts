/** `vigo agent COMMAND …`: the table of commands, one line each. Must not know what commands do. */
import { execute, type Program } from "../../core/command/program.ts";
import { type Screen, screenOf } from "../../core/command/screen.ts";
import { logTo } from "../../core/log.ts";
import type { AgentContext } from "./command.ts";
import { settingsFrom, sharedFlags } from "./settings.ts";
import { leveled } from "./log-level.ts";

/** Exported for the manual. */
export const program: Program<AgentContext> = {
  name: "vigo agent",
  summary: "Keeps this machine in its declared state.",
  usage: async (definition) => (await import("citty")).renderUsage(definition),
  shared: sharedFlags,
  commands: {
    bootstrap: {
      summary: "Enrols this machine with a token, and installs the service.",
      load: () => import("./commands/bootstrap.ts"),
    },
    register: {
      summary: "Enrols this machine with a token, and nothing else.",
      load: () => import("./commands/register.ts"),
    },
    daemon: {
      summary: "Checks in, enforces and reports for good; what the service runs.",
      load: () => import("./commands/daemon.ts"),
    },
    run: {
      summary: "Checks in, converges and reports, once.",
      load: () => import("./commands/run.ts"),
    },
    apply: {
      summary: "Applies a stacks tree, or one configcrate, to this machine, without a server.",
      load: () => import("./commands/apply.ts"),
    },
    status: {
      summary: "Says how this agent stands, from its own files.",
      load: () => import("./commands/status.ts"),
    },
    traits: {
      summary: "Shows what is known of this machine.",
      load: () => import("./commands/traits.ts"),
    },
    pause: {
      summary: "Stops enforcing for a while.",
      load: () => import("./commands/pause.ts"),
    },
    resume: {
      summary: "Ends a pause.",
      load: () => import("./commands/resume.ts"),
    },
    "snapshots list": {
      summary: "Lists what managed files held before they were overwritten.",
      load: () => import("./commands/snapshots/list.ts"),
    },
    "snapshots diff": {
      summary: "Shows what has changed in a file since then.",
      load: () => import("./commands/snapshots/diff.ts"),
    },
    "snapshots restore": {
      summary: "Puts back what a file held.",
      load: () => import("./commands/snapshots/restore.ts"),
    },
    trust: {
      summary: "Learns the server's signing keys anew.",
      load: () => import("./commands/trust.ts"),
    },
    doctor: {
      summary: "Says what is wrong with this agent, and how to mend it.",
      load: () => import("./commands/doctor.ts"),
    },
    logs: {
      summary: "Shows what the service has logged.",
      load: () => import("./commands/logs.ts"),
    },
    import: {
      summary: "Writes policy that says what this machine is.",
      load: () => import("./commands/import.ts"),
    },
    uninstall: {
      summary: "Removes the service, and with --purge all that the agent has kept.",
      load: () => import("./commands/uninstall.ts"),
    },
    version: {
      summary: "Says version, commit, target and Bun.",
      load: () => import("./commands/version.ts"),
    },
    "probe-state": {
      summary: "Reads the state in a process of its own.",
      load: () => import("./commands/probe-state.ts"),
      hidden: true,
    },
  },
  async context(shared, screen) {
    const settings = await settingsFrom(shared, process.env);
    const now = () => new Date();
    const write = (line: string) => screen.err(line.trimEnd());
    const log = logTo({ json: settings.logFormat === "json", write, now });
    return { screen, settings, home: settings.home, log: leveled(log, settings.logLevel), now };
  },
};

/** Gives the exit code. */
export const agent = (
  words: readonly string[],
  screen: Screen = screenOf(process),
): Promise<number> => execute(program, words, screen);
