/** `vigo server VERB`: the table of commands, one line each. Must not know what commands do. */
import { renderUsage } from "citty";
import { execute, type Program } from "../../core/command/program.ts";
import { type Screen, screenOf } from "../../core/command/screen.ts";
import type { Local } from "./command.ts";
import { homeAt } from "./home.ts";

/** Exported for the manual. */
export const program: Program<Local> = {
  name: "vigo server",
  summary: "Runs the server that agents and people call.",
  usage: renderUsage,
  groups: { downloads: "Programs for newcomers." },
  shared: {
    home: {
      type: "string",
      description: "Folder in which everything is kept (d: /srv/vigo).",
      valueHint: "DIR",
    },
  },
  commands: {
    run: {
      summary: "Runs the server until it is told to stop; makes what is missing first.",
      load: () => import("./commands/run.ts"),
    },
    init: {
      summary: "Makes what a server needs: keys, database, settings, an example policy.",
      load: () => import("./commands/init.ts"),
    },
    "check-config": {
      summary: "Says whether server.yaml is right.",
      load: () => import("./commands/check-config.ts"),
    },
    "downloads add": {
      summary: "Gives newcomers of another platform their program.",
      load: () => import("./commands/downloads-add.ts"),
    },
    restore: {
      summary: "Puts a backup in the place of a home whose server is stopped.",
      load: () => import("./commands/restore.ts"),
    },
    "rotate-bundle-key": {
      summary: "Makes another key that signs bundles; the present one vouches for it.",
      load: () => import("./commands/rotate-bundle-key.ts"),
    },
    "new-bundle-key": {
      summary: "Makes a key that signs bundles in place of one that is lost for good.",
      load: () => import("./commands/new-bundle-key.ts"),
    },
  },
  context: ({ home }, screen) => ({
    screen,
    home: homeAt(typeof home === "string" ? home : undefined, process.env),
  }),
};

/** Gives the exit code. */
export const server = (
  words: readonly string[],
  screen: Screen = screenOf(process),
): Promise<number> => execute(program, words, screen);
