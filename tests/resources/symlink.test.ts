import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { symlink } from "../../src/core/resources/symlink.ts";
import { cases } from "../support/cases.ts";

const at = "/opt/app/current";
const beside = "/opt/app/.vigo-new.current~";
const wish = { target_path: at, to: "/opt/app/2" };
const made = [`symlink ${beside} /opt/app/2`, `rename ${beside} ${at}`];
const passwd = { "/etc/passwd": "app:x:7:7::/:/bin/sh\n" };

cases(symlink, {
  "makes a link": { given: {}, wish, does: made, says: { link: [undefined, "to /opt/app/2"] } },
  "leaves a right one alone": {
    given: { nodes: { [at]: { kind: "symlink", target: "/opt/app/2" } } },
    wish,
    does: [],
  },
  "turns one that leads elsewhere": {
    given: { nodes: { [at]: { kind: "symlink", target: "/opt/app/1" } } },
    wish,
    does: made,
    says: { link: ["to /opt/app/1", "to /opt/app/2"] },
  },
  "does not replace a file unasked": {
    given: { files: { [at]: "x" } },
    wish,
    does: [],
    ends: "failed",
    because: "a file is in the way of the link /opt/app/current (move it away",
  },
  "replaces a file when told": {
    given: { files: { [at]: "x" } },
    wish: { ...wish, force: true },
    does: made,
  },
  "replaces an empty folder when told": {
    given: { nodes: { [at]: {} } },
    wish: { ...wish, force: true },
    does: [made[0] ?? "", `remove ${at}`, made[1] ?? ""],
  },
  "never replaces a full folder": {
    given: { files: { [`${at}/x`]: "" } },
    wish: { ...wish, force: true },
    does: [],
    ends: "failed",
    because: "not empty",
  },
  "gives it an owner": {
    given: { files: passwd, nodes: { [at]: { kind: "symlink", target: "/opt/app/2" } } },
    wish: { ...wish, owner: "app" },
    does: [`chown ${at} 7:0`],
  },
  "makes a hard link": {
    given: { files: { "/opt/app/2": "x" } },
    wish: { ...wish, link_type: "hard" },
    does: [`link ${beside} /opt/app/2`, `rename ${beside} ${at}`],
    leaves: { [at]: "x" },
  },
  "removes a link": {
    given: { nodes: { [at]: { kind: "symlink", target: "/x" } } },
    wish: { target_path: at, state: "absent" },
    does: [`remove ${at}`],
  },
  "does not remove a file for a link": {
    given: { files: { [at]: "x" } },
    wish: { target_path: at, state: "absent" },
    does: [],
    ends: "failed",
    because: "is a file, not a link",
  },
  "has nothing to remove": { given: {}, wish: { target_path: at, state: "absent" }, does: [] },
});

test.each([
  [{ target_path: at }, "to: is required"],
  [{ ...wish, to: "x", link_type: "hard" }, "to: must be an absolute path"],
  [{ ...wish, owner: "app", link_type: "hard" }, "owner: is the file's own"],
])("refuses %j", (given, message) => {
  const { error } = symlink.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});

test.each([
  ["/etc/nginx/sites-enabled/blog", "/etc/nginx/sites-available/blog"],
  ["/etc/nginx/sites-enabled/blog", "../sites-available/blog"],
])("%s comes after %s, whoever makes that", (target_path, to) => {
  const after = symlink.after?.(symlink.params.parse({ target_path, to }));
  expect(after).toContain("file:/etc/nginx/sites-available/blog");
  expect(after).toContain("archive:/etc/nginx/sites-available/blog");
});
