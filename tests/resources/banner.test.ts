import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { banner } from "../../src/core/resources/banner.ts";
import { cases } from "../support/cases.ts";

const right = { mode: 0o644, uid: 0, gid: 0 };

cases(banner, {
  "writes what is said, and ends it": {
    given: { files: { "/etc/motd": "hi\n" }, nodes: { "/etc/motd": right } },
    wish: { issue: "Keep out.", motd: "hi" },
    does: ["write /etc/issue"],
    leaves: { "/etc/issue": "Keep out.\n", "/etc/issue.net": undefined },
  },
  "mends a mode": {
    given: { files: { "/etc/motd": "hi\n" }, nodes: { "/etc/motd": { ...right, mode: 0o600 } } },
    wish: { motd: "hi\n" },
    does: ["write /etc/motd"],
    says: { "motd.mode": ["0600", "0644"] },
  },
  "empties a text": {
    given: { files: { "/etc/motd": "hi\n" }, nodes: { "/etc/motd": right } },
    wish: { motd: "" },
    does: ["write /etc/motd"],
    leaves: { "/etc/motd": "" },
  },
  "removes what is named": {
    given: { files: { "/etc/motd": "hi\n", "/etc/issue": "x" } },
    wish: { motd: "", state: "absent" },
    does: ["remove /etc/motd"],
    leaves: { "/etc/issue": "x" },
  },
  "removes nothing twice": { given: {}, wish: { motd: "", state: "absent" }, does: [] },
  "refuses a folder": {
    given: { nodes: { "/etc/motd": { kind: "directory" } } },
    wish: { motd: "x" },
    does: [],
    ends: "failed",
    because: "is a directory, not a file",
  },
});

test("wants a text", () => {
  const { error } = banner.params.safeParse({});
  expect(error && explain(error)).toEqual([
    "motd: choose at least one of issue, issue_net and motd",
  ]);
});

test("claims the files it has", () => {
  expect(banner.claims(banner.params.parse({ issue_net: "x", motd: "y" }))).toEqual([
    { id: "file:/etc/issue.net" },
    { id: "file:/etc/motd" },
  ]);
});
