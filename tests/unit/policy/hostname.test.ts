import { expect, test } from "bun:test";
import fc from "fast-check";
import { hostPattern } from "../../../src/core/policy/hostname.ts";

function matches(source: string, hostname: string): boolean {
  const pattern = hostPattern(source);
  if ("error" in pattern) throw new Error(pattern.error);
  return pattern.matches(hostname);
}

test.each([
  ["*", "anything.at.all", true],
  ["*", "", true],
  ["web-*", "web-1.example.com", true],
  ["web-*", "xweb-1", false],
  ["web-*.example.com", "web-1.sub.example.com", true],
  ["WEB-?", "web-1", true],
  ["web-?", "web-", false],
  ["web-1", "WEB-1", true],
  ["web-1", "web-12", false],
  ["web-[0-3]", "web-2", true],
  ["web-[0-3]", "web-4", false],
  ["web-[!0-3]", "web-4", true],
  ["web-[^0-3]", "web-2", false],
  ["web-[ab-]", "web--", true],
  ["*-*-*", "a-b", false],
  ["*a*b*c*", "xxaxxbxxcxx", true],
  ["a.c", "abc", false],
  ["/^web-[0-9]+$/", "WEB-12", true],
  ["/web/", "my-web-server", true],
  ["/^a|b$/", "xb", true],
])("%s and %j: %p", (pattern, hostname, expected) =>
  expect(matches(pattern, hostname)).toBe(expected),
);

test.each(["", "/(/", "/x", "//", "web-[", "x".repeat(2000), "/(?=x)/"])(
  "%j is refused",
  (source) => expect(hostPattern(source)).toHaveProperty("error"),
);

test("a glob means what the same regular expression means", () => {
  const letters = fc.constantFrom("a", "b", ".", "-", "*", "?");
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 8 }),
      fc.array(fc.constantFrom("a", "b", ".", "-"), { maxLength: 10 }),
      (glob, name) => {
        const source = glob
          .map((letter) => (letter === "*" ? ".*" : letter === "?" ? "." : `[${letter}]`))
          .join("");
        const expected = new RegExp(`^${source}$`).test(name.join(""));
        expect(matches(glob.join(""), name.join(""))).toBe(expected);
      },
    ),
    { numRuns: 2000 },
  );
});

test("stars never take exponential time", () => {
  const start = performance.now();
  expect(matches(`${"*a".repeat(40)}b`, "a".repeat(255))).toBe(false);
  expect(matches("/(a*)*(a*)*(a*)*b/", "a".repeat(255))).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});
