import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { alternatives } from "../../src/core/resources/alternatives.ts";
import { cases } from "../support/cases.ts";

const record = "/var/lib/dpkg/alternatives/editor";
const vim = "/usr/bin/vim";
const body = (status: string, ed = "") =>
  `${status}\n/usr/bin/editor\neditor.1.gz\n/usr/share/man/man1/editor.1.gz\n\n/bin/nano\n40\n/usr/share/man/nano.1.gz\n${vim}\n30\n\n${ed}\n`;
const leads = (target: string) => ({
  "/etc/alternatives/editor": { kind: "symlink" as const, target },
});
const wish = { alternative: "editor", path: vim };
const set = `update-alternatives --set editor ${vim}`;
const taken = (files: Map<string, string>) => {
  files.set(record, body("manual"));
  return "";
};

cases(alternatives, {
  "makes what is automatic a choice": {
    given: { files: { [record]: body("auto") }, nodes: leads(vim), commands: { [set]: taken } },
    wish,
    does: [`run ${set}`],
    says: { mode: ["auto", "manual"] },
  },
  "leaves a choice alone": {
    given: { files: { [record]: body("manual") }, nodes: leads(vim) },
    wish,
    does: [],
  },
  "does not choose what is not registered": {
    given: { files: { [record]: body("manual") }, nodes: leads("/bin/nano") },
    wish: { alternative: "editor", path: "/opt/ed" },
    does: [],
    ends: "failed",
    because: "/opt/ed is not registered as editor (install its package",
  },
  "changes a priority": {
    given: {
      files: { [record]: body("manual") },
      nodes: leads(vim),
      commands: {
        [`update-alternatives --install /usr/bin/editor editor ${vim} 90`]: (files) => {
          files.set(record, body("manual").replace("\n30\n", "\n90\n"));
          return "";
        },
        [set]: "",
      },
    },
    wish: { ...wish, link: "/usr/bin/editor", priority: 90 },
    does: [`run update-alternatives --install /usr/bin/editor editor ${vim} 90`, `run ${set}`],
    says: { registered: ["priority 30", "priority 90"] },
  },
  "takes one off the list": {
    given: {
      files: { [record]: body("manual") },
      commands: {
        [`update-alternatives --remove editor ${vim}`]: (files) => {
          files.set(record, "auto\n/usr/bin/editor\n\n/bin/nano\n40\n\n");
          return "";
        },
      },
    },
    wish: { ...wish, state: "absent" },
    does: [`run update-alternatives --remove editor ${vim}`],
    says: { registered: ["priority 30", undefined] },
  },
  "has nothing to take off": { given: {}, wish: { ...wish, state: "absent" }, does: [] },
});

test("link and priority go together", () => {
  const { error } = alternatives.params.safeParse({ ...wish, link: "/usr/bin/editor" });
  expect(error && explain(error)[0]).toStartWith("link: link and priority");
});
