import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  entryOf,
  type FstabEntry,
  type FstabKey,
  withEntry,
  withoutEntry,
} from "../../../src/core/text/fstab.ts";
import { parseLines, printLines } from "../../../src/core/text/lines.ts";
import { anyText, onText, rawLines } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const usual: FstabEntry = {
  device: "/dev/sdb1",
  path: "/srv/data",
  fstype: "ext4",
  options: "noatime",
  dump: 0,
  pass: 2,
};
const put = (more: Partial<FstabEntry> = {}) =>
  onText((doc) => withEntry(doc, { ...usual, ...more }));
const takeAway = (key: FstabKey = { path: usual.path }) => onText((doc) => withoutEntry(doc, key));
const line = "/dev/sdb1 /srv/data ext4 noatime 0 2\n";

const word = fc.stringMatching(/^[A-Za-z0-9/\\ #\t=é_-]{1,8}$/).filter((it) => it.trim() !== "");
const entries = fc.record({
  device: fc.oneof(word, fc.constantFrom("LABEL=my data", "UUID=1", "//nas/a#b")),
  path: fc.oneof(
    word.map((it) => `/${it.replace(/^\/+/, "")}`.replace(/(?<=.)\/+$/, "")),
    fc.constantFrom("/", "/srv/a b", "/srv/data"),
  ),
  fstype: fc.constantFrom("ext4", "none", "auto", "tmpfs"),
  options: fc.constantFrom("defaults", "ro,nofail", "x-systemd.automount,size=1%"),
  dump: fc.nat(2),
  pass: fc.nat(2),
});
const tables = anyText([
  "/dev/a\t/srv/a\\040b  xfs defaults 0 0",
  "LABEL=my\\040data /srv/data/ auto # ours",
  "x / y",
  "# /dev/a /srv/data",
  "a none swap sw 0 0",
  " b /b auto # c",
  "/dev/z /srv/data ext4 ro 0 0 more words",
]);

const bare = (path: string) => path.replace(/(?<=.)\/+$/, "");

/** Mount points in order, as one reads them off without the parser that is tested. */
const points = (text: string) =>
  rawLines(text).map((row) => {
    const [, point = "", fstype] = row.trim().startsWith("#") ? [] : row.trim().split(/[ \t]+/);
    return fstype === "swap" ? "" : bare(point.replaceAll("\\040", " "));
  });

test("any fstab, any entry: found again, twice is once, every other line as it was", () => {
  fc.assert(
    fc.property(tables, entries, (text, entry) => {
      const key = { path: entry.path };
      const once = put(entry)(text);
      const found = entryOf(parseLines(once), key);
      // A slash at its end is no difference, and stays.
      expect({ ...found, path: bare(found?.path ?? "") }).toEqual(entry);
      expect(put(entry)(once)).toBe(once);
      const [was, is] = [rawLines(text), rawLines(once)];
      const moved = was.flatMap((row, at) => (row === is[at] ? [] : [at]));
      expect(moved.length).toBeLessThanOrEqual(1);
      for (const at of moved) expect(points(text)[at]).toBe(entry.path);
      expect(is.length - was.length).toBe(moved.length === 1 || is.length === was.length ? 0 : 1);
    }),
  );
});

test("any fstab: what goes is the entry's lines, and a new one goes without a trace", () => {
  fc.assert(
    fc.property(tables, entries, (text, entry) => {
      const away = takeAway({ path: entry.path });
      const left = away(text);
      expect(away(left)).toBe(left);
      expect(entryOf(parseLines(left), { path: entry.path })).toBeUndefined();
      expect(takeAway({ swap: "nobody's" })(text)).toBe(text);
      const blank = /(?:^\uFEFF?|\n)\r*$/.test(left) && !/^\uFEFF?$/.test(left);
      if (!blank || left.endsWith("\n")) expect(away(put(entry)(left))).toBe(left);
    }),
  );
});

everyDress(
  {
    "new, at the end": ["# here\nx / y\n", put(), `# here\nx / y\n${line}`],
    "right already, whatever the gaps": [
      "\t/dev/sdb1\t\t/srv/data  ext4 noatime\t0  2\n",
      put(),
      "\t/dev/sdb1\t\t/srv/data  ext4 noatime\t0  2\n",
    ],
    "a comment behind it stays": [
      "/dev/sdb1 /srv/data ext4 ro 0 2  # disk\n",
      put(),
      "/dev/sdb1 /srv/data ext4 noatime 0 2  # disk\n",
    ],
    "fields that are missing are what they mean": [
      "/dev/sdb1 /srv/data ext4\n",
      put({ options: "defaults", pass: 0 }),
      "/dev/sdb1 /srv/data ext4\n",
    ],
    "fields that are missing come as far as needed": [
      "/dev/sdb1 /srv/data ext4\n",
      put({ pass: 0 }),
      "/dev/sdb1 /srv/data ext4 noatime\n",
    ],
    "a slash at the end is no difference": [
      "/dev/sdb1 /srv/data/ ext4 noatime 0 2\n",
      put(),
      "/dev/sdb1 /srv/data/ ext4 noatime 0 2\n",
    ],
    "numbers in other words": [
      "/dev/sdb1 /srv/data ext4 noatime 00 02\n",
      put(),
      "/dev/sdb1 /srv/data ext4 noatime 00 02\n",
    ],
    "the last line of a path counts": [
      "/dev/a /srv/data xfs ro 0 0\n/dev/b /srv/data xfs ro 0 2\n",
      put(),
      `/dev/a /srv/data xfs ro 0 0\n${line}`,
    ],
    "blanks within a field": [
      "x / y\n",
      put({ device: "LABEL=my data", path: "/srv/a\tb" }),
      "x / y\nLABEL=my\\040data /srv/a\\011b ext4 noatime 0 2\n",
    ],
    "a device that begins like a comment": [
      "x / y\n",
      put({ device: "#1" }),
      "x / y\n\\0431 /srv/data ext4 noatime 0 2\n",
    ],
    "a comment is no line": [`#${line}`, put(), `#${line}${line}`],
    "a path below it is another": [
      "/dev/c /srv/data/more ext4\n",
      put(),
      `/dev/c /srv/data/more ext4\n${line}`,
    ],
    "swap is known by its device": [
      "/swap none swap sw 0 0\n/dev/b none swap sw 0 0\n",
      put({ device: "/dev/b", path: "none", fstype: "swap", options: "pri=5", pass: 0 }),
      "/swap none swap sw 0 0\n/dev/b none swap pri=5 0 0\n",
    ],
    "away: each line of the path": [
      `# a\n${line}x / y\n${line}# b\n`,
      takeAway(),
      "# a\nx / y\n# b\n",
    ],
    "away: of a path with a blank": [
      "d /srv/a\\040b ext4\nx / y\n",
      takeAway({ path: "/srv/a b" }),
      "x / y\n",
    ],
    "away: one swap of two": [
      "/swap none swap\n/dev/b none swap\n",
      takeAway({ swap: "/swap" }),
      "/dev/b none swap\n",
    ],
    "away: nothing there": ["x / y\n", takeAway(), "x / y\n"],
  },
  [],
);

test("the gaps, the comment and what says the same stay as they are", () => {
  const was = "  UUID=1\t\t/srv/a\\040b/   xfs\tdefaults  00\t# old\n";
  const entry = { ...usual, device: "LABEL=a b", path: "/srv/a b", options: "ro,nofail" };
  expect(printLines(withEntry(parseLines(was), entry))).toBe(
    "  LABEL=a\\040b\t\t/srv/a\\040b/   ext4\tro,nofail  00 2\t# old\n",
  );
});

test("swap is told from mounts, and from other swap", () => {
  const text = "/swap none swap sw 0 0\n/dev/a none swap sw 0 0\nx /swap ext4\n";
  const left = printLines(withoutEntry(parseLines(text), { swap: "/swap" }));
  expect(left).toBe("/dev/a none swap sw 0 0\nx /swap ext4\n");
  expect(printLines(withoutEntry(parseLines(text), { path: "/swap" }))).not.toContain("x /swap");
});
