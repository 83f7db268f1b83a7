/** The server itself: names of commands, each loaded when it is called. Must not know what commands do. */
import type { Commands } from "./commands.ts";

export const server: Commands = {
  "db stats": {
    summary: "Tells how much is kept in the database.",
    load: () => import("../commands/db/stats.ts"),
  },
  "db backup": {
    summary: "Copies the database, and what of the server's home belongs to it.",
    load: () => import("../commands/db/backup.ts"),
  },
  "db vacuum": {
    summary: "Gives back space that the database does not need.",
    load: () => import("../commands/db/vacuum.ts"),
  },
  "db prune": {
    summary: "Forgets runs that are older than so, before their time.",
    load: () => import("../commands/db/prune.ts"),
  },
  doctor: {
    summary: "Examines the server and says what to mend.",
    load: () => import("../commands/doctor.ts"),
  },
  "server status": {
    summary: "Tells how the server and its fleet stand.",
    load: () => import("../commands/server/status.ts"),
  },
  "server ca": {
    summary: "Shows the CA, and how far its replacement is.",
    load: () => import("../commands/server/ca.ts"),
  },
  "server new-ca": {
    summary: "Makes the CA that will replace the present one, while the fleet goes on.",
    load: () => import("../commands/server/new-ca.ts"),
  },
  "server drop-ca": {
    summary: "Drops the former CA.",
    load: () => import("../commands/server/drop-ca.ts"),
  },
  complete: {
    hidden: true,
    summary: "Names that may stand at the end of a command line, for completion.",
    load: () => import("../commands/complete.ts"),
  },
  completion: {
    summary: "Prints completion for a shell.",
    load: () => import("../commands/completion.ts"),
  },
};
