import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { snap } from "../../src/core/resources/snap.ts";
import { wholeChannel } from "../../src/core/tools/snap.ts";
import { cases } from "../support/cases.ts";

const list = "snap list --color=never --unicode=never";
/** As snapd prints it: a snap of a file has no channel. */
const printed = (rows: string) =>
  `Name    Version    Rev    Tracking       Publisher    Notes\ncore22  20240111   1122   latest/stable  canonical**  base\n${rows}`;
const row = (channel: string, notes = "-") =>
  `hello   2.10       42     ${channel}  canonical**  ${notes}\n`;
const given = (rows: string, commands: Record<string, string> = {}) => ({
  files: { "/usr/bin/snap": "", "/run/snaps": printed(rows) },
  commands: {
    [list]: (files: Map<string, string>) => files.get("/run/snaps") ?? "",
    ...Object.fromEntries(
      Object.entries(commands).map(([line, after]) => [
        line,
        (files: Map<string, string>) => {
          files.set("/run/snaps", printed(after));
          return "";
        },
      ]),
    ),
  },
});

cases(snap, {
  "fails where there is no snapd": {
    given: {
      commands: { "snap install hello": { code: 127, stdout: "", stderr: "snap: not found" } },
    },
    wish: { package: "hello" },
    does: ["run snap install hello"],
    ends: "failed",
    because: "exit 127: snap: not found (snap is not installed: declare the package that brings it",
  },
  "installs, from a channel and without confinement": {
    given: given("", {
      "snap install --channel=latest/edge --classic hello": row("latest/edge", "classic"),
    }),
    wish: { package: "hello", channel: "edge", classic: true },
    does: ["run snap install --channel=latest/edge --classic hello"],
    says: { version: [undefined, "installed"] },
  },
  "stands already": {
    given: given(row("latest/stable")),
    wish: { package: "hello", channel: "stable" },
    does: [],
  },
  "leaves the channel alone when none is said": {
    given: given(row("latest/edge")),
    wish: { package: "hello" },
    does: [],
  },
  "moves to another channel": {
    given: given(row("latest/stable"), {
      "snap refresh --channel=2.x/candidate hello": row("2.x/candidate"),
    }),
    wish: { package: "hello", channel: "2.x/candidate" },
    does: ["run snap refresh --channel=2.x/candidate hello"],
    says: { channel: ["latest/stable", "2.x/candidate"] },
  },
  "does not lift confinement of what is installed": {
    given: given(row("latest/stable")),
    wish: { package: "hello", classic: true },
    does: [],
    ends: "failed",
    because: "is installed, and confined (remove it first",
  },
  removes: {
    given: given(row("latest/stable"), { "snap remove hello": "" }),
    wish: { package: "hello", state: "absent" },
    does: ["run snap remove hello"],
    says: { version: ["2.10", undefined] },
  },
  "is gone where there is no snapd": {
    given: {},
    wish: { package: "hello", state: "absent" },
    does: [],
  },
  "waits for snapd": {
    given: {
      files: { "/usr/bin/snap": "" },
      commands: {
        [list]: "",
        "snap install hello": {
          code: 10,
          stdout: "",
          stderr: 'error: snap "hello" has "install-snap" change in progress',
        },
      },
    },
    wish: { package: "hello" },
    does: ["run snap install hello"],
    ends: "blocked",
    because: "snapd is still busy",
  },
});

test.each([
  ["edge", "latest/edge"],
  ["1.2", "1.2/stable"],
  ["1.2/beta", "1.2/beta"],
  ["stable/hotfix", "latest/stable/hotfix"],
  ["1.2/beta/hotfix", "1.2/beta/hotfix"],
])("channel %s is %s", (written, whole) => {
  expect(wholeChannel(written)).toBe(whole);
});

test.each([
  [{ package: "Hello World" }, "package: must be the name of a snap"],
  [{ package: "hello", channel: "/edge" }, "channel: must be a channel"],
])("refuses %j", (wish, message) => {
  const { error } = snap.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
