import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { acl } from "../../src/core/resources/acl.ts";
import { parseAclEntry } from "../../src/core/text/acl.ts";
import { parseAcls } from "../../src/core/tools/acl.ts";
import { cases, said } from "../support/cases.ts";
import type { Answer, FakeInit } from "../support/fake-host.ts";

const plain = "user::rw-\ngroup::r--\nother::r--\n\n";
const withGames = (permissions: string, mask = "rw-") =>
  `user::rw-\nuser:5:${permissions}\ngroup::r--\nmask::${mask}\nother::r--\n\n`;
const folder = (permissions?: string) =>
  `user::rwx\ngroup::r-x\nother::r-x\n${permissions === undefined ? "" : `default:user::rwx\ndefault:user:5:${permissions}\ndefault:group::r-x\ndefault:mask::rwx\ndefault:other::r-x\n`}\n`;

const accounts = {
  "/etc/passwd": "games:x:5:60:games:/usr/games:/bin/sh\n",
  "/etc/group": "adm:x:4:\n",
};
/** What getfacl prints of these paths is kept in a file, and setfacl puts another text there. */
const given = (is: string, command: string, then: string, paths = "/srv/f"): FakeInit => ({
  files: { ...accounts, "/srv/f": "", acl: is },
  commands: {
    [`getfacl -cEpn -- ${paths}`]: (files) => files.get("acl") ?? "",
    [command]: (files) => {
      files.set("acl", then);
      return "";
    },
  },
});
const games = { path: "/srv/f", entries: ["user:games:rw"] };
const set = "setfacl -m user:5:rw- -- /srv/f";

cases(acl, {
  "adds an entry": {
    given: given(plain, set, withGames("rw-")),
    wish: games,
    does: [`run ${set}`],
    says: { "user:games": [undefined, "rw-"] },
  },
  "leaves alone what stands": {
    given: given(withGames("rw-"), set, ""),
    wish: games,
    does: [],
  },
  "finds what the mask takes away": {
    given: given(withGames("rw-", "r--"), set, withGames("rw-")),
    wish: games,
    does: [`run ${set}`],
    says: { "user:games": ["r--", "rw-"] },
  },
  "lets a mask be that was asked for": {
    given: given(withGames("rw-", "r--"), set, ""),
    wish: { ...games, entries: ["u:games:6", "m::r"] },
    does: [],
  },
  "gives folders and programs what X means": {
    given: given(
      plain.replaceAll("r--", "r-x"),
      "setfacl -m user:5:r-X -- /srv/f",
      withGames("r-x", "r-x").replace("group::r--", "group::r-x"),
    ),
    wish: { ...games, entries: ["user:games:rX"] },
    does: ["run setfacl -m user:5:r-X -- /srv/f"],
  },
  "removes an entry": {
    given: given(withGames("rw-"), "setfacl -x user:5 -- /srv/f", plain),
    wish: { ...games, entries: ["user:games"], state: "absent" },
    does: ["run setfacl -x user:5 -- /srv/f"],
    says: { "user:games": ["rw-", undefined] },
  },
  "has nothing to remove where there is nothing": {
    given: {},
    wish: { ...games, entries: ["user:1000"], state: "absent" },
    does: [],
  },
  "goes through a folder, and through no link": {
    given: {
      files: { ...accounts, "/srv/d/one": "", "/srv/d/two": "", acl: folder() + plain + plain },
      nodes: { "/srv/d": {}, "/srv/d/link": { kind: "symlink", target: "/etc/shadow" } },
      commands: {
        "getfacl -cEpn -- /srv/d /srv/d/one /srv/d/two": (files) => files.get("acl") ?? "",
        "setfacl -m user:5:rw- -- /srv/d /srv/d/one /srv/d/two": ((files) => {
          files.set("acl", withGames("rw-").repeat(3));
          return "";
        }) as Answer,
      },
    },
    wish: { path: "/srv/d", entries: ["user:games:rw"], recurse: true },
    does: ["run setfacl -m user:5:rw- -- /srv/d /srv/d/one /srv/d/two"],
    says: { "user:games": ["3 of 3 paths differ", "rw-"] },
  },
  "sets what is made in a folder begins with": {
    given: {
      files: { ...accounts, acl: folder() },
      nodes: { "/srv/d": {} },
      commands: {
        "getfacl -cEpn -- /srv/d": (files) => files.get("acl") ?? "",
        "setfacl -d -m user:5:rwX -- /srv/d": ((files) => {
          files.set("acl", folder("rwx"));
          return "";
        }) as Answer,
      },
    },
    wish: { path: "/srv/d", entries: ["user:games:rwX"], default: true },
    does: ["run setfacl -d -m user:5:rwX -- /srv/d"],
    says: { "default:user:games": [undefined, "rwX"] },
  },
  "refuses a link": {
    given: { nodes: { "/srv/f": { kind: "symlink", target: "/etc/shadow" } } },
    wish: games,
    does: [],
    ends: "failed",
    because: "/srv/f is a symlink: refused to follow",
  },
  "knows only accounts that are there": {
    given: given(plain, set, plain),
    wish: { ...games, entries: ["user:nobody-here:r"] },
    does: [],
    ends: "failed",
    because: "no user nobody-here on this machine",
  },
  "says what is missing": {
    given: {
      files: { "/srv/f": "" },
      commands: { "getfacl -cEpn -- /srv/f": { code: 127, stdout: "", stderr: "" } },
    },
    wish: games,
    does: [],
    ends: "failed",
    because: "there is no getfacl on this machine (declare the package acl",
  },
});

test.each([
  [{ entries: [] }, "entries: must have an entry"],
  [{ entries: ["user:games"] }, "entries: must end with permissions"],
  [{ entries: ["user::"], state: "absent" }, "entries.0: must be an entry"],
  [{ entries: ["user:"], state: "absent" }, "entries: of owner"],
  [{ entries: ["default:user:games:r"] }, "entries.0: must be an entry"],
  [{ entries: ["user:games:rwz"] }, "entries.0: must be an entry"],
])("refuses %j", (more, message) => {
  const { error } = acl.params.safeParse(said({ ...games, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("reads entries and lists", () => {
  expect(parseAclEntry("g:adm:5")).toEqual({ kind: "group", name: "adm", permissions: "r-x" });
  expect(parseAclEntry("o::r")).toEqual({ kind: "other", name: "", permissions: "r--" });
  expect(parseAclEntry("user:x:xrw").permissions).toBe("rwx");
  const [first, second] = parseAcls(withGames("rw-") + folder("rwx"));
  expect(Object.fromEntries(first ?? [])).toEqual({
    user: "rw-",
    "user:5": "rw-",
    group: "r--",
    mask: "rw-",
    other: "r--",
  });
  expect(second?.get("default:user:5")).toBe("rwx");
});
