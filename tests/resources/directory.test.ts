import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { directory } from "../../src/core/resources/directory.ts";
import { cases } from "../support/cases.ts";

const www = "/srv/www";
const passwd = { "/etc/passwd": "www:x:33:33::/:/bin/sh\n", "/etc/group": "www:x:33:\n" };
const owners = { owner: "www", group: "www" };

cases(directory, {
  "makes a folder": {
    given: {},
    wish: { target_path: www },
    does: [`mkdir ${www}`],
    says: { folder: [undefined, "present"], mode: [undefined, "0755"] },
  },
  "makes it with owner and mode at once": {
    given: { files: passwd },
    wish: { target_path: www, mode: "0750", ...owners },
    does: [`mkdir ${www}`],
  },
  "mends owner and mode": {
    given: { files: passwd, nodes: { [www]: { mode: 0o700 } } },
    wish: { target_path: www, mode: "u=rwx,go=rx", ...owners },
    does: [`chown ${www} 33:33`, `chmod ${www} 755`],
  },
  "keeps set-id bits that a new owner would take away": {
    given: { files: passwd, nodes: { [www]: { mode: 0o2775 } } },
    wish: { target_path: www, group: "www" },
    does: [`chown ${www} 0:33`, `chmod ${www} 2775`],
  },
  "is content with a link that root made": {
    given: { nodes: { [www]: { kind: "symlink", target: "/data" }, "/data": {} } },
    wish: { target_path: www },
    does: [],
  },
  "does not replace a file": {
    given: { files: { [www]: "" } },
    wish: { target_path: www },
    does: [],
    ends: "failed",
    because: "is a file, not a folder",
  },
  "owns everything below, but what is declared": {
    given: {
      files: { ...passwd, [`${www}/a`]: "", [`${www}/sub/b`]: "", [`${www}/sub/mine`]: "" },
      nodes: { [www]: { uid: 33, gid: 33 }, [`${www}/link`]: { kind: "symlink", target: "/etc" } },
      owned: [`file:${www}/sub/mine`],
    },
    wish: { target_path: www, recurse: true, ...owners, mode: "u=rwX,go=" },
    does: [
      `chmod ${www} 700`,
      `chown ${www}/a 33:33`,
      `chmod ${www}/a 600`,
      `chown ${www}/sub 33:33`,
      `chmod ${www}/sub 700`,
      `chown ${www}/sub/b 33:33`,
      `chmod ${www}/sub/b 600`,
    ],
    says: {
      mode: ["0755", "0700"],
      "mode below": ["a, sub, sub/b", "u=rwX,go="],
      "owner below": ["a, sub, sub/b", "www"],
      "group below": ["a, sub, sub/b", "www"],
    },
  },
  "purges what nobody declares, folders not": {
    given: {
      files: {
        [`${www}/a`]: "",
        [`${www}/mine`]: "",
        [`${www}/x.local`]: "",
        [`${www}/sub/b`]: "",
      },
      owned: [`file:${www}/mine`],
    },
    wish: { target_path: www, purge: true, ignore: ["*.local"] },
    does: [`remove ${www}/a`],
    says: { purge: ["a", undefined] },
  },
  "purges folders too when it recurses, but not around what stays": {
    given: {
      files: {
        [`${www}/old/a`]: "",
        [`${www}/old/deep/b`]: "",
        [`${www}/sub/mine`]: "",
        [`${www}/sub/c`]: "",
        [`${www}/kept/x.local`]: "",
        [`${www}/.git/config`]: "",
      },
      owned: [`file:${www}/sub/mine`],
    },
    wish: { target_path: www, purge: true, recurse: true, ignore: ["*.local", ".git"] },
    does: [`remove ${www}/old`, `remove ${www}/sub/c`],
  },
  "removes an empty folder": {
    given: { nodes: { [www]: {} } },
    wish: { target_path: www, state: "absent" },
    does: [`remove ${www}`],
  },
  "removes what is in it only when told": {
    given: { files: { [`${www}/a`]: "" } },
    wish: { target_path: www, state: "absent" },
    does: [],
    ends: "failed",
    because: "not empty",
  },
  "removes everything when told": {
    given: { files: { [`${www}/a`]: "" } },
    wish: { target_path: www, state: "absent", recurse: true },
    does: [`remove ${www}`],
  },
});

test.each([
  [{ target_path: "/srv", purge: true }, "target_path: is too near the root"],
  [{ target_path: "/etc", state: "absent", recurse: true }, "target_path: is too near the root"],
  [{ target_path: www, recurse: true, mode: "0755" }, "mode: with recurse"],
])("refuses %j", (wish, message) => {
  const { error } = directory.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
