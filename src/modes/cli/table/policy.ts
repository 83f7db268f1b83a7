/** What is published, and what it names: names of commands, each loaded when it is called. Must not know what commands do. */
import type { Commands } from "./commands.ts";

export const policy: Commands = {
  "config validate": {
    summary: "Checks stacks with the server's own rules, here.",
    load: () => import("../commands/config/validate.ts"),
  },
  "config publish": {
    summary: "Checks stacks and puts them into force.",
    load: () => import("../commands/config/publish.ts"),
  },
  publish: {
    summary: "Short for config publish.",
    load: () => import("../commands/config/publish.ts"),
  },
  "config plan": {
    summary: "Tells what a publish would change, on every envoy.",
    load: () => import("../commands/config/plan.ts"),
  },
  "config trace": {
    summary: "Explains what a host gets, and why.",
    load: () => import("../commands/config/trace.ts"),
  },
  "config history": {
    summary: "Lists what was published, the newest first.",
    load: () => import("../commands/config/history.ts"),
  },
  "config diff": {
    summary: "Compares two versions, file by file.",
    load: () => import("../commands/config/diff.ts"),
  },
  "config rollback": {
    summary: "Publishes the content of an older version again.",
    load: () => import("../commands/config/rollback.ts"),
  },
  "config freeze": {
    summary: "Lets nobody publish for a time.",
    load: () => import("../commands/config/freeze.ts"),
  },
  "config unfreeze": {
    summary: "Ends a freeze before its time.",
    load: () => import("../commands/config/unfreeze.ts"),
  },
  "config stacks": {
    summary: "Fetches the stacks that are live: `config stacks pull`.",
    load: () => import("../commands/config/stacks.ts"),
  },
  "config status": {
    summary: "Compares the stacks with what is live.",
    load: () => import("../commands/config/status.ts"),
  },
  "config test": {
    summary: "Runs the policy tests of stacks.",
    load: () => import("../commands/config/test.ts"),
  },
  "config tree": {
    summary: "Shows who gets what: hostcrates, roles, configcrates.",
    load: () => import("../commands/config/tree.ts"),
  },
  "config edit": {
    summary: "Opens what bears a name in an editor, and checks what comes out.",
    load: () => import("../commands/config/edit.ts"),
  },
  "config promote": {
    summary: "Makes one environment treat a configcrate as another does.",
    load: () => import("../commands/config/promote.ts"),
  },
  "config examples": {
    summary: "Lists example stacks, and copies one: `config examples copy NAME`.",
    load: () => import("../commands/config/examples.ts"),
  },
  "config dedup": {
    summary: "Lists resources that stand in the stacks more than once.",
    load: () => import("../commands/config/dedup.ts"),
  },
  "config search": {
    summary: "Finds a word in the stacks, and what it is there.",
    load: () => import("../commands/config/search.ts"),
  },
  "config server.yaml": {
    summary: "Prints every setting of the server, with its default.",
    load: () => import("../commands/config/server-yaml.ts"),
  },
  "config schema": {
    summary: "Prints a JSON Schema of .vgo files, for editors.",
    load: () => import("../commands/config/schema.ts"),
  },
  "secrets init": {
    summary: "Makes the master key.",
    load: () => import("../commands/secrets/init.ts"),
  },
  "secrets set": {
    summary: "Gives a secret a value, from standard input or asked for.",
    load: () => import("../commands/secrets/set.ts"),
  },
  "secrets get": {
    summary: "Shows the value of a secret; that is audited.",
    load: () => import("../commands/secrets/get.ts"),
  },
  "secrets list": {
    summary: "Lists secrets, without their values.",
    load: () => import("../commands/secrets/list.ts"),
  },
  "secrets delete": {
    summary: "Deletes a secret.",
    load: () => import("../commands/secrets/delete.ts"),
  },
  "secrets rotate": {
    summary: "Encrypts all secrets with a new master key.",
    load: () => import("../commands/secrets/rotate.ts"),
  },
  explain: {
    summary: "Explains a resource type or a trait.",
    load: () => import("../commands/explain.ts"),
  },
};
