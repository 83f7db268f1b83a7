/** `vigo` without a mode: the version, and the way to the modes. Must not know what they do. */
import { renderUsage } from "citty";
import { commandFor } from "../../core/command/command.ts";
import { execute, type Program } from "../../core/command/program.ts";
import { type Screen, screenOf } from "../../core/command/screen.ts";
import { printVersion, version } from "../../core/version.ts";

const showVersion = commandFor<undefined>()({
  args: {},
  run: async () => version,
  print: printVersion,
});

/** Dispatched by `main.ts` before this is loaded; listed for people. */
const elsewhere: Readonly<Record<string, string>> = {
  server: "Runs the server, and prepares what it needs.",
  agent: "Keeps this machine in its declared state.",
  cli: "Administers a server and its fleet.",
  status: "Short for `agent status`.",
  run: "Short for `agent run`.",
  traits: "Short for `agent traits`.",
};

const program: Program<undefined> = {
  name: "vigo",
  summary: "Keeps a fleet of machines in the state its owners declared.",
  usage: renderUsage,
  elsewhere,
  commands: {
    version: {
      summary: "Says version, commit, target and Bun.",
      load: () => Promise.resolve({ default: showVersion }),
    },
  },
  context: () => undefined,
};

/** Gives the exit code. */
export const top = (
  words: readonly string[],
  screen: Screen = screenOf(process),
): Promise<number> => execute(program, words[0] === "--version" ? ["version"] : words, screen);
