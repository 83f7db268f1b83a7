import { describe, expect, test } from "bun:test";
import { newHash, shaCrypt } from "../../../src/core/tools/sha-crypt.ts";

/** From Drepper's "Unix crypt using SHA-256 and SHA-512". */
const published = [
  ["$5$saltstring", "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
  [
    "$6$saltstring",
    "Hello world!",
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  [
    "$6$rounds=10000$saltstringsaltstring",
    "Hello world!",
    "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
  ],
] as const;

test.each(published)("%s of %j", (setting, password, hash) => {
  expect(shaCrypt(password, setting)).toBe(hash);
  expect(shaCrypt(password, hash)).toBe(hash);
});

/** The C library's own crypt(3) says the same, for whatever lengths. */
describe("as crypt(3) has it", () => {
  const script = "chomp(my ($p, $s) = <STDIN>); print crypt($p, $s)";
  const cases = [
    ["", "$6$x$"],
    ["päß→", "$5$rounds=1000$anotherlongsaltstring$"],
    ["a".repeat(31), "$5$ab$"],
    ["b".repeat(32), "$5$abcdefghijklmnop$"],
    ["c".repeat(65), "$6$rounds=1400$a$"],
    ["d".repeat(256), "$6$abcd$"],
  ] as const;
  test.each(cases)("%j with %s", (password, setting) => {
    const stdin = new TextEncoder().encode(`${password}\n${setting}\n`);
    const { stdout, exitCode } = Bun.spawnSync(["perl", "-e", script], { stdin });
    expect([exitCode, shaCrypt(password, setting)]).toEqual([0, stdout.toString()]);
  });
});

test("makes hashes with salts of their own, and none of other kinds", () => {
  const hash = newHash("secret");
  expect(hash).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
  expect(shaCrypt("secret", hash)).toBe(hash);
  expect(newHash("secret")).not.toBe(hash);
  expect(shaCrypt("secret", "$y$j9T$salt$")).toBeUndefined();
  expect(shaCrypt("secret", "$6$rounds=900000000$x$")).toBeUndefined();
});
