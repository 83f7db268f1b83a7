import { expect, test } from "bun:test";
import type { z } from "zod";
import { explain, isShellText } from "../../src/core/params.ts";
import { sudoers } from "../../src/core/resources/sudoers.ts";
import { cases } from "../support/cases.ts";

const file = "/etc/sudoers.d/web";
const commands = { "visudo -cf %": "" };
const wish = {
  sudoers: "web",
  users: ["dana"],
  groups: ["web"],
  commands: ["/usr/bin/systemctl restart nginx", "/usr/bin/id"],
  nopasswd: true,
};
const rule = "dana,%web ALL=(ALL:ALL) NOPASSWD: /usr/bin/systemctl restart nginx, /usr/bin/id\n";

cases(sudoers, {
  "writes a proven rule": {
    given: { commands },
    wish,
    does: [`write ${file}`],
    leaves: { [file]: rule },
    says: { rule: [undefined, "80 bytes, sha256 b7366b5331a8"] },
  },
  "leaves a right rule alone": {
    given: { files: { [file]: rule }, nodes: { [file]: { mode: 0o440, uid: 0, gid: 0 } } },
    wish,
    does: [],
  },
  "mends mode and owner": {
    given: {
      files: { [file]: rule },
      nodes: { [file]: { mode: 0o644, uid: 5, gid: 0 } },
      commands,
    },
    wish,
    does: [`write ${file}`],
    says: { mode: ["0644", "0440"], owner: ["5", "0"] },
  },
  "takes a whole text, and ends it": {
    given: { commands },
    wish: { sudoers: "web", raw: "Defaults timestamp_timeout=5" },
    does: [`write ${file}`],
    leaves: { [file]: "Defaults timestamp_timeout=5\n" },
  },
  "says on which hosts and as whom": {
    given: { commands },
    wish: { sudoers: "web", users: ["ALL"], hosts: ["web1", "!web2"], run_as: "www-data" },
    does: [`write ${file}`],
    leaves: { [file]: "ALL web1,!web2=(www-data) ALL\n" },
  },
  "leaves what visudo refuses": {
    given: { commands: { "visudo -cf %": { code: 1, stdout: "", stderr: "" } } },
    wish: { sudoers: "web", raw: "nonsense" },
    does: [],
    ends: "failed",
    leaves: { [file]: undefined },
  },
  "takes a rule away": {
    given: { files: { [file]: rule } },
    wish: { sudoers: "web", state: "absent" },
    does: [`remove ${file}`],
  },
  "takes nothing twice": { given: {}, wish: { sudoers: "web", state: "absent" }, does: [] },
});

test.each([
  [{ sudoers: "a.b", users: ["x"] }, "sudoers: must be letters"],
  [{ sudoers: "a" }, "users: choose users, groups or raw"],
  [{ sudoers: "a", users: ["x"], raw: "y" }, "raw: is the whole text"],
  [{ sudoers: "a", users: ["x"], commands: ["/a, /b"] }, "commands: must be one command an item"],
  [{ sudoers: "a", users: ["x"], commands: ["/a\n/b"] }, "commands: must be one command an item"],
  [{ sudoers: "a", users: ["x ALL"] }, "users.0: must be a name"],
])("refuses %j", (wrong, message) => {
  const { error } = sudoers.params.safeParse(wrong);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims its file, follows its people, and its texts are to be quoted", () => {
  const params = sudoers.params.parse(wish);
  expect(sudoers.claims(params)).toEqual([{ id: `file:${file}` }]);
  expect(sudoers.after?.(params)).toEqual([
    "file:/etc",
    "file:/etc/sudoers.d",
    "user:dana",
    "group:web",
  ]);
  const { shape } = sudoers.params as unknown as {
    readonly shape: Readonly<Record<"raw" | "commands" | "run_as", z.ZodType>>;
  };
  expect([shape.raw, shape.commands, shape.run_as].map(isShellText)).toEqual([true, true, false]);
});
