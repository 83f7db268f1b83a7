/** The endpoints about the database of the server. Must not know its kind. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { parameters } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count } from "./shapes.ts";

export const databaseStats = endpoint({
  method: "GET",
  path: "/database",
  summary: "Tells how much is kept in the database.",
  permission: "fleet.read",
  response: z.object({
    driver: z.string().describe("sqlite or postgres."),
    size_bytes: count("On disk."),
    free_bytes: count("Of these, such that hold nothing any more; a vacuum gives them back."),
    rows: z.record(z.string(), z.int()).describe("By table."),
  }),
});

export const vacuumDatabase = endpoint({
  method: "POST",
  path: "/database/vacuum",
  summary: "Gives back what the database does not need, little by little.",
  permission: "admin",
  patience: 250,
  response: z.object({ before_bytes: count("On disk."), after_bytes: count("On disk.") }),
});

export const backupDatabase = endpoint({
  method: "POST",
  path: "/database/backup",
  summary: "Copies the database, and what of the server's home belongs to it, into a folder there.",
  permission: "admin",
  patience: 250,
  response: z.object({
    folder: z.string().describe("On the server's host."),
    files: count("In it."),
    bytes: count("Of them all."),
    elsewhere: z
      .array(z.string())
      .describe("Files that the settings keep elsewhere: they are not in it."),
  }),
});

export const pruneDatabase = endpoint({
  method: "POST",
  path: "/database/prune",
  summary: "Forgets runs and notes that are older than so, before their time.",
  permission: "admin",
  patience: 250,
  body: parameters({ older_than: duration("Age from which on they go.") }),
  response: z.object({
    runs: count("Runs and stretches of runs that were forgotten."),
    samples: count("Notes of how the fleet stood that were forgotten."),
  }),
});
