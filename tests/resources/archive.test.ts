import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { explain } from "../../src/core/params.ts";
import { archive } from "../../src/core/resources/archive.ts";
import { cases } from "../support/cases.ts";
import { tar } from "../support/tar.ts";

const to = "/opt/tool";
const from = "/srv/tool.tar";
const url = "https://example.net/tool.tar";
const hex = (text: string) => createHash("sha256").update(text).digest("hex");
const packed = tar([
  { name: "tool-1/", type: "5", mode: 0o755 },
  { name: "tool-1/bin/run", body: "go", mode: 0o6777 },
  { name: "tool-1/latest", type: "2", target: "bin/run" },
]);
const given = { files: { [from]: packed }, nodes: { [to]: {} } };
const wish = { target_path: to, source_path: from, strip_components: 1 };
const note = (origin: string) => `${to}/.vigo-archive-${hex(origin).slice(0, 12)}`;
const does = [
  `mkdir ${to}/bin`,
  `write ${to}/bin/run`,
  `symlink ${to}/latest bin/run`,
  `write ${note(from)}`,
];
const noted = `${JSON.stringify({ sha256: hex(packed), names: ["bin/run", "latest"] })}\n`;
const unpacked = { ...given.files, [note(from)]: noted, [`${to}/bin/run`]: "go" };
const linked = { [`${to}/latest`]: { kind: "symlink" as const, target: "bin/run" } };

const evil = (because: string, ...entries: Parameters<typeof tar>[0]) => ({
  given: { files: { [from]: tar([{ name: "good", body: "x" }, ...entries]) }, nodes: { [to]: {} } },
  wish: { ...wish, strip_components: 0 },
  does: [],
  ends: "failed" as const,
  because,
});

cases(archive, {
  "unpacks, and writes down what": {
    given,
    wish,
    does,
    leaves: { [`${to}/bin/run`]: "go", [note(from)]: noted },
    says: { archive: [undefined, `sha256 ${hex(packed)}`] },
  },
  "leaves what is unpacked alone": { given: { files: unpacked, nodes: linked }, wish, does: [] },
  "notices what somebody removed": {
    given: { files: unpacked },
    wish,
    does: does.slice(1),
    says: { files: ["1 missing: latest", "as unpacked"] },
  },
  "takes away what only the former archive had": {
    given: {
      files: {
        ...given.files,
        [note(from)]: '{"sha256":"0","names":["old/x","bin/run"]}',
        [`${to}/old/x`]: "",
        [`${to}/bin/run`]: "was",
      },
    },
    wish,
    does: [does[1] ?? "", does[2] ?? "", `remove ${to}/old/x`, does[3] ?? ""],
    leaves: { [`${to}/old/x`]: undefined, [`${to}/bin/run`]: "go" },
    says: { archive: ["sha256 0", `sha256 ${hex(packed)}`] },
  },
  fetches: {
    given: { downloads: { [url]: packed }, nodes: { [to]: {} } },
    wish: { target_path: to, source_url: url, sha256: hex(packed), strip_components: 1 },
    does: [...does.slice(0, 3), `write ${note(url)}`],
  },
  "asks nothing while what it creates is there": {
    given: { files: { [`${to}/x`]: "" } },
    wish: { target_path: to, source_url: url, creates: `${to}/x` },
    does: [],
  },
  "says when it did not create what it should": {
    given,
    wish: { ...wish, creates: `${to}/no` },
    does,
    ends: "failed",
    because: "still differs after apply: archive",
  },
  "refuses another archive than the declared one": {
    given,
    wish: { ...wish, sha256: "0".repeat(64) },
    does: [],
    ends: "failed",
    because: "is not the one that was declared: its sha256 is",
  },
  "takes away what it unpacked, and nothing else": {
    given: { files: { ...unpacked, [`${to}/mine`]: "" }, nodes: linked },
    wish: { ...wish, state: "absent" },
    does: [`remove ${to}/latest`, `remove ${to}/bin/run`, `remove ${note(from)}`],
    leaves: { [`${to}/mine`]: "" },
  },
  "has nothing to take away": { given, wish: { ...wish, state: "absent" }, does: [] },
  "refuses a name that leads out": evil(
    '"../x", a name that leads out of the folder: nothing was unpacked',
    { name: "../x" },
  ),
  "refuses a name that leads out in its middle": evil("leads out of the folder", {
    name: "a/../../x",
  }),
  "refuses an absolute name": evil("a name that is no plain relative path", { name: "/etc/x" }),
  "refuses a link that leads out": evil("a link to ../x, out of the folder", {
    name: "l",
    type: "2",
    target: "../x",
  }),
  "refuses an absolute link": evil("a link to /etc", { name: "l", type: "2", target: "/etc" }),
  "refuses to go through its own link": evil(
    "which goes through a link of the archive",
    { name: "d/", type: "5" },
    { name: "l", type: "2", target: "d" },
    { name: "l/x" },
  ),
  "refuses a hard link to what is outside": evil("a name that leads out", {
    name: "h",
    type: "1",
    target: "../../etc/shadow",
  }),
  "refuses a hard link to a link": evil(
    "goes through a link",
    { name: "l", type: "2", target: "good" },
    { name: "h", type: "1", target: "l" },
  ),
  "refuses a device": evil('"null", a device or pipe', { name: "null", type: "3" }),
  "refuses a pipe": evil('"p", a device or pipe', { name: "p", type: "6" }),
  "refuses kinds it does not know": evil("which is not unpacked", { name: "s", type: "S" }),
  "refuses what is no archive": {
    given: { files: { [from]: "hello" }, nodes: { [to]: {} } },
    wish,
    does: [],
    ends: "failed",
    because: "it is no archive that can be unpacked",
  },
  "refuses half of one": {
    given: { files: { [from]: packed.slice(0, 1500) }, nodes: { [to]: {} } },
    wish,
    does: [],
    ends: "failed",
    because: "the archive is broken: it ends in the middle",
  },
  "does not go through a link that was there before": {
    given: { ...given, nodes: { [to]: {}, [`${to}/bin`]: { kind: "symlink", target: "/etc" } } },
    wish,
    does: [],
    ends: "failed",
    because: "/opt/tool/bin is a symlink, and the archive has a folder",
  },
  "needs a folder": {
    given: { files: given.files },
    wish,
    does: [],
    ends: "failed",
    because: "/opt/tool is no folder (declare it as a directory resource)",
  },
});

test.each([
  [{ target_path: to }, "source_url: write one of"],
  [{ target_path: to, source_url: url, source_path: from }, "source_url: write one of"],
  [{ target_path: to, source_url: url }, "sha256: is required with source_url"],
])("refuses %j", (given, message) => {
  const { error } = archive.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});
