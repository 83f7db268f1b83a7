import { expect, test } from "bun:test";
import { claimsOf } from "../../src/core/resource.ts";
import { group } from "../../src/core/resources/group.ts";
import { cases } from "../support/cases.ts";
import { type Answer, edits } from "../support/fake-host.ts";

const etc = "/etc/group";
const has = (line: string): Record<string, string> => ({ [etc]: line });
const set = (line: string): Answer => edits(etc, () => line);

cases(group, {
  "makes a group": {
    given: { files: has(""), commands: { "groupadd deploy": set("deploy:x:1001:\n") } },
    wish: { group: "deploy" },
    does: ["run groupadd deploy"],
    says: { group: [undefined, "present"] },
  },
  "makes it with its number and members": {
    given: {
      files: has(""),
      commands: {
        "groupadd -g 990 -r app": set("app:x:990:\n"),
        "gpasswd -M dana,ci app": set("app:x:990:dana,ci\n"),
      },
    },
    wish: { group: "app", gid: 990, system: true, members: ["dana", "ci"] },
    does: ["run groupadd -g 990 -r app", "run gpasswd -M dana,ci app"],
    says: {
      group: [undefined, "present"],
      gid: [undefined, "990"],
      members: [undefined, "dana, ci"],
    },
  },
  "changes its number": {
    given: { files: has("app:x:5:\n"), commands: { "groupmod -g 990 app": set("app:x:990:\n") } },
    wish: { group: "app", gid: "990" },
    does: ["run groupmod -g 990 app"],
  },
  "adds members and keeps the others": {
    given: {
      files: has("app:x:5:eve\n"),
      commands: { "gpasswd -M eve,dana app": set("app:x:5:eve,dana\n") },
    },
    wish: { group: "app", members: ["dana"] },
    does: ["run gpasswd -M eve,dana app"],
  },
  "takes others out when it is exclusive": {
    given: {
      files: has("app:x:5:eve,dana\n"),
      commands: { "gpasswd -M dana app": set("app:x:5:dana\n") },
    },
    wish: { group: "app", members: ["dana"], exclusive: true },
    does: ["run gpasswd -M dana app"],
  },
  "does not mind the order": {
    given: { files: has("app:x:5:eve,dana\n") },
    wish: { group: "app", members: ["dana", "eve"], exclusive: true },
    does: [],
  },
  removes: {
    given: { files: has("app:x:5:\n"), commands: { "groupdel app": set("") } },
    wish: { group: "app", state: "absent" },
    does: ["run groupdel app"],
  },
  "tells why it could not": {
    given: {
      files: has("app:x:5:\n"),
      commands: {
        "groupdel app": {
          code: 8,
          stdout: "",
          stderr: "cannot remove the primary group of user 'x'",
        },
      },
    },
    wish: { group: "app", state: "absent" },
    does: ["run groupdel app"],
    ends: "failed",
    because: "exit 8: cannot remove the primary group of user 'x'",
  },
});

test("owns its members one by one, or all of them", () => {
  const claims = (wish: object) => claimsOf(group, group.params.parse({ group: "app", ...wish }));
  expect(claims({ members: ["dana"] })).toEqual([
    { id: "group:app" },
    { id: "members:app", part: "dana" },
  ]);
  expect(claims({ members: [], exclusive: true })).toEqual([
    { id: "group:app" },
    { id: "members:app" },
  ]);
});
