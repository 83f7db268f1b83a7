/** Machines, how they come in, and what is known of them: names of commands, each loaded when it is called. Must not know what commands do. */
import type { Commands } from "./commands.ts";

export const fleet: Commands = {
  "envoys list": {
    summary: "Lists envoys by hostname.",
    load: () => import("../commands/envoys/list.ts"),
  },
  "envoys show": { summary: "Shows one envoy.", load: () => import("../commands/envoys/show.ts") },
  "envoys rename": {
    summary: "Gives an envoy the name that hostcrates match.",
    load: () => import("../commands/envoys/rename.ts"),
  },
  "envoys revoke": {
    summary: "Shuts an envoy out for good.",
    load: () => import("../commands/envoys/revoke.ts"),
  },
  "envoys maintenance": {
    summary: "Lets an envoy alone until a time: it runs nothing and raises no alert.",
    load: () => import("../commands/envoys/maintenance.ts"),
  },
  "envoys note": {
    summary: "Writes a note about an envoy.",
    load: () => import("../commands/envoys/note.ts"),
  },
  "envoys tag set": {
    summary: "Gives envoys tags, to find and to target them by.",
    load: () => import("../commands/envoys/tag/set.ts"),
  },
  "envoys tag unset": {
    summary: "Takes tags from envoys.",
    load: () => import("../commands/envoys/tag/unset.ts"),
  },
  "envoys tag list": {
    summary: "Lists tags, and how many envoys have each.",
    load: () => import("../commands/envoys/tag/list.ts"),
  },
  "envoys push": {
    summary: "Makes envoys check in and run now.",
    load: () => import("../commands/envoys/push.ts"),
  },
  "envoys delete": {
    summary: "Forgets an envoy that is revoked, with all that is known of it.",
    load: () => import("../commands/envoys/delete.ts"),
  },
  "tokens create": {
    summary: "Makes a token that enrols machines.",
    load: () => import("../commands/tokens/create.ts"),
  },
  "tokens list": {
    summary: "Lists enrolment tokens, the newest first.",
    load: () => import("../commands/tokens/list.ts"),
  },
  "tokens revoke": {
    summary: "Withdraws an enrolment token.",
    load: () => import("../commands/tokens/revoke.ts"),
  },
  "enroll pending": {
    summary: "Lists machines that ask to enrol.",
    load: () => import("../commands/enroll/pending.ts"),
  },
  "enroll approve": {
    summary: "Lets a waiting machine enrol.",
    load: () => import("../commands/enroll/approve.ts"),
  },
  "enroll reject": {
    summary: "Turns a waiting machine away.",
    load: () => import("../commands/enroll/reject.ts"),
  },
  "traits show": {
    summary: "Shows what a machine last told of itself.",
    load: () => import("../commands/traits/show.ts"),
  },
  "traits livequery": {
    summary: "Asks machines for values of traits, now.",
    load: () => import("../commands/traits/livequery.ts"),
  },
  "inventory packages": {
    summary: "Lists installed packages, and how many machines have which version.",
    load: () => import("../commands/inventory/packages.ts"),
  },
  "inventory search": {
    summary: "Finds the machines that have a package.",
    load: () => import("../commands/inventory/search.ts"),
  },
  "inventory diff": {
    summary: "Compares what two machines have installed.",
    load: () => import("../commands/inventory/diff.ts"),
  },
  "runs list": {
    summary: "Lists runs that changed something or failed.",
    load: () => import("../commands/runs/list.ts"),
  },
  "runs show": {
    summary: "Shows one run with its changes.",
    load: () => import("../commands/runs/show.ts"),
  },
  "runs drift": {
    summary: "Tells what others changed and Vigo mended: where, since when.",
    load: () => import("../commands/runs/drift.ts"),
  },
};
