import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compareApkVersions } from "../../../src/core/tools/apk-version.ts";
import { comparePacmanVersions } from "../../../src/core/tools/pacman-version.ts";
import { compareRpmVersions } from "../../../src/core/tools/rpm-version.ts";
import { compareSemver } from "../../../src/core/tools/semver.ts";

type Order = (a: string, b: string) => number;

/** Each list from the oldest to the newest; what stands in one text, parted by a blank, is the same version. */
const chains: Readonly<Record<string, readonly [Order, readonly string[]]>> = {
  "rpm, numbers and words": [
    compareRpmVersions,
    ["a", "1.0 01.00", "1.0a", "1.0b", "1.0.1", "1.9", "1.10"],
  ],
  "rpm, tilde and caret": [
    compareRpmVersions,
    ["1.0~beta1", "1.0~rc1", "1.0~rc1^git3", "1.0", "1.0^git1", "1.0^git2", "1.0.1", "1.1"],
  ],
  "rpm, epoch and release": [
    compareRpmVersions,
    ["9.9-9 0:9.9-9", "1:1.0-1.fc40", "1:1.0-2.fc39", "1:1.0-10.fc39", "2:0.1-1"],
  ],
  "rpm, what parts the pieces": [
    compareRpmVersions,
    ["1.0.0 1_0_0 1..0.0", "1.0.2 1.0+2", "1.0.10"],
  ],
  "pacman, before the end": [
    comparePacmanVersions,
    ["1.0a", "1.0alpha", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"],
  ],
  "pacman, epoch and release": [
    comparePacmanVersions,
    ["1.9-1", "1.10-1", "1.10-1.1", "1.10-2", "1:0.5-1", "2:0.1-1"],
  ],
  "pacman, what parts the pieces": [comparePacmanVersions, ["1.0 1_0", "1.0.", "1..0"]],
  "apk, suffixes": [
    compareApkVersions,
    [
      "1.2_alpha",
      "1.2_alpha2",
      "1.2_beta",
      "1.2_pre3",
      "1.2_rc1",
      "1.2 1.2-r0",
      "1.2-r1",
      "1.2-r10",
      "1.2_cvs",
      "1.2_svn",
      "1.2_git20240101",
      "1.2_hg",
      "1.2_p1",
      "1.2_p2-r3",
      "1.2a",
      "1.2b_rc2",
      "1.2b",
      "1.2.0",
    ],
  ],
  "apk, numbers": [compareApkVersions, ["1.01", "1.02", "1.1", "1.9", "1.10", "01.11 1.11", "2"]],
  "semver, before the release": [
    compareSemver,
    [
      "2.0.0-1",
      "2.0.0-9",
      "2.0.0-10",
      "2.0.0-a",
      "2.0.0-a.1",
      "2.0.0-a.b",
      "2.0.0-b",
      "2.0.0",
      "2.0.1",
    ],
  ],
  "semver, as it is printed": [
    compareSemver,
    ["1.2 v1.2.0 1.2.0+build.7", "1.2.0.1", "1.10.0 v1.10", "99999999999999999999.0.0"],
  ],
};

describe.each(Object.entries(chains))("%s", (_, [order, chain]) => {
  const ranked = chain.flatMap((same, rank) =>
    same.split(" ").map((version) => ({ version, rank })),
  );
  test.each(ranked)("$version", ({ version, rank }) => {
    const is = ranked.map((other) => [other.version, Math.sign(order(version, other.version)) + 0]);
    expect(is).toEqual(ranked.map((other) => [other.version, Math.sign(rank - other.rank)]));
  });
});

test("a release that one of two lacks does not count", () => {
  expect(compareRpmVersions("1.0", "1.0-3.el9")).toBe(0);
  expect(comparePacmanVersions("1:1.0-2", "1:1.0")).toBe(0);
});

test("what is no version of Alpine is as text", () => {
  expect([compareApkVersions("edge", "edge"), compareApkVersions("1.0", "edge")]).toEqual([0, -1]);
});

const written = fc.stringMatching(/^[0-9][0-9a-c.~^_+-]{0,6}$/);

/** The real rpm and vercmp are asked in the lab. */
describe.each(Object.entries({ compareRpmVersions, comparePacmanVersions, compareSemver }))(
  "%s",
  (_, order) => {
    test("is the same from both ends", () => {
      fc.assert(
        fc.property(written, written, (a, b) => Math.sign(order(a, b)) === -Math.sign(order(b, a))),
      );
    });
  },
);
