import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compareVersions, parseStatus, withUpdates } from "../../../src/core/tools/dpkg.ts";

const sign = (n: number) => Math.sign(n);

describe("the order of versions", () => {
  test.each([
    ["1.0", "1.0", 0],
    ["1.0", "1.0-0", 0],
    ["1.0~rc1", "1.0", -1],
    ["1.0~~", "1.0~", -1],
    ["1.0", "1.0a", -1],
    ["1.0+b1", "1.0a", 1],
    ["1:0.1", "9.9", 1],
    ["1.9", "1.10", -1],
    ["1.0-1", "1.0-1.1", -1],
    ["2.0-1-1", "2.0-2", 1],
    ["0001", "1", 0],
    ["5.2.15-2+b8", "5.2.15-2+b13", -1],
  ])("%s and %s", (a, b, order) => {
    expect(sign(compareVersions(a, b))).toBe(order);
    expect(sign(compareVersions(b, a))).toBe(-order + 0);
  });

  const letters = fc.stringMatching(/^[0-9][0-9a-zA-Z.+~]{0,7}$/);
  const version = fc
    .tuple(
      fc.option(fc.nat({ max: 3 })),
      letters,
      fc.option(fc.stringMatching(/^[0-9a-zA-Z.+~]{1,4}$/)),
    )
    .map(([epoch, up, revision]) =>
      [epoch === null ? "" : `${epoch}:`, up, revision === null ? "" : `-${revision}`].join(""),
    );

  test.skipIf(Bun.which("dpkg") === null)(
    "is dpkg's own",
    () => {
      const pairs = fc.sample(fc.tuple(version, version), 400);
      const script = pairs
        .map(
          ([a, b]) =>
            `if dpkg --compare-versions ${a} lt ${b}; then echo -1; elif dpkg --compare-versions ${a} gt ${b}; then echo 1; else echo 0; fi`,
        )
        .join("\n");
      const { stdout } = Bun.spawnSync(["sh", "-s"], { stdin: Buffer.from(script) });
      const dpkg = stdout.toString().trim().split("\n").map(Number);
      const wrong = pairs.filter(([a, b], i) => sign(compareVersions(a, b)) !== dpkg[i]);
      expect([dpkg.length, wrong]).toEqual([400, []]);
    },
    60_000,
  );
});

test("reads the database, the machine's own architecture first", () => {
  const database = parseStatus(
    `Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.35

Package: libc6
Status: hold ok installed
Architecture: amd64
Version: 2.36
Description: libc
 Status: not a field

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: never
Status: unknown ok not-installed
`,
    "amd64",
  );
  expect(database.get("libc6")).toEqual({ version: "2.36", status: "installed", held: true });
  expect(database.get("libc6:i386")).toMatchObject({ version: "2.35", held: false });
  expect(database.get("gone")?.status).toBe("config-files");
  expect(database.has("never")).toBe(false);
});

test("what the journal says stands above the status", () => {
  const of = (name: string, arch: string, state: string) =>
    `Package: ${name}\nStatus: ${state}\n${arch === "" ? "" : `Architecture: ${arch}\n`}Version: 1\n`;
  const ok = "install ok installed";
  const status = [
    of("a", "amd64", ok),
    of("a", "i386", ok),
    of("b", "all", ok),
    of("c", "all", ok),
  ];
  const updates = [
    of("a", "i386", "install reinstreq unpacked"),
    of("b", "", "purge ok not-installed"),
    of("a", "i386", "install reinstreq half-installed"),
    of("d", "amd64", "install ok unpacked"),
  ];
  const database = parseStatus(
    withUpdates(`${status.join("\n")}\n`, updates.join("\n\n")),
    "amd64",
  );
  expect([...database].map(([name, { status: is }]) => [name, is])).toEqual([
    ["a:amd64", "installed"],
    ["a", "installed"],
    ["c:all", "installed"],
    ["c", "installed"],
    ["a:i386", "half-installed"],
    ["d:amd64", "unpacked"],
    ["d", "unpacked"],
  ]);
});
