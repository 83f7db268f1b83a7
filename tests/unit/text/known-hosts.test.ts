import { expect, test } from "bun:test";
import fc from "fast-check";
import { type HostKey, withHostKey, withoutHostKey } from "../../../src/core/text/known-hosts.ts";
import { anyText, isThinned, onText, rawLines } from "../../support/any-text.ts";

const usual: HostKey = { names: ["git"], kind: "ssh-ed25519", key: "AAAAnew", hashed: false };
const put = (more: Partial<HostKey> = {}) =>
  onText((doc) => withHostKey(doc, { ...usual, ...more }));
const takeAway = (names: readonly string[], kind?: string) =>
  onText((doc) => withoutHostKey(doc, names, kind));

/** As `ssh-keygen -H` wrote it for the name example.com. */
const written = "|1|PC0MF2l2+WtpjNBRlEoeemUJC8Y=|YLhvKcdA8ut8D5ij7mj/NvqCuEk=";
const words = [
  "git ssh-ed25519 AAAAold",
  "git,10.0.0.7 ssh-ed25519 AAAAnew of ours",
  "git,web ssh-rsa AAAArsa",
  "@revoked git ssh-ed25519 AAAAnew",
  "web ssh-ed25519 AAAAnew",
  "*.example.com ssh-ed25519 AAAAold",
];

test("any known_hosts: each name has the key once, twice is once, other lines stay, away is gone", () => {
  fc.assert(
    fc.property(
      anyText(words),
      fc.constantFrom(["git"], ["git", "10.0.0.7"], ["new", "git"]),
      fc.boolean(),
      (text, names, hashed) => {
        const once = put({ names, hashed })(text);
        expect(put({ names, hashed })(once)).toBe(once);
        const others = (all: string) =>
          rawLines(all).filter((line) => !/^(?:git|new|10|\|1)\S* ssh-ed25519/.test(line));
        expect(others(once)).toEqual(others(text));
        const plain = rawLines(once).filter((line) => line.includes(" ssh-ed25519 "));
        for (const name of names)
          expect(plain.filter((line) => line.split(" ")[0]?.split(",").includes(name)).length).toBe(
            hashed ? 0 : 1,
          );
        if (hashed)
          expect(plain.filter((line) => line.startsWith("|1|"))).toHaveLength(names.length);
        const gone = takeAway(names)(once);
        expect(
          isThinned(
            others(gone).filter((l) => !/ssh-rsa/.test(l)),
            others(text),
          ),
        ).toBe(true);
        expect(gone).not.toMatch(/^(?:git|\|1)\S* ssh-ed/m);
      },
    ),
  );
});

test.each([
  ["", {}, "git ssh-ed25519 AAAAnew\n"],
  ["git ssh-ed25519 AAAAold c", {}, "git ssh-ed25519 AAAAnew"],
  ["git,web ssh-ed25519 AAAAold\n", {}, "web ssh-ed25519 AAAAold\ngit ssh-ed25519 AAAAnew\n"],
  ["git  ssh-ed25519 AAAAnew c\n", { names: ["git", "g"] }, "git,g  ssh-ed25519 AAAAnew c\n"],
  ["git ssh-rsa AAAAr\n", {}, "git ssh-rsa AAAAr\ngit ssh-ed25519 AAAAnew\n"],
  [
    `${written} ssh-ed25519 AAAAnew\n`,
    { names: ["Example.com"] },
    `${written} ssh-ed25519 AAAAnew\n`,
  ],
])("%j with %j", (text, more, wanted) => {
  expect(put(more)(text)).toBe(wanted);
});

test("finds hashed names", () => {
  expect(takeAway(["example.com"])(`${written} ssh-rsa AAAA1\nx ssh-rsa AAAA1\n`)).toBe(
    "x ssh-rsa AAAA1\n",
  );
  expect(takeAway(["example.com"], "ssh-ed25519")(`${written} ssh-rsa AAAA1\n`)).toContain("|1|");
});
