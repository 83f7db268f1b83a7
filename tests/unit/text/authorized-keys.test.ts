import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  keyBlob,
  withAuthorizedKey,
  withKeys,
  withoutAuthorizedKey,
} from "../../../src/core/text/authorized-keys.ts";
import { anyText, onText, rawLines } from "../../support/any-text.ts";

const a = "ssh-ed25519 AAAAaaaa dana@home";
const b = "ssh-ed25519 AAAAbbbb";

test("finds the key behind options and before the comment", () => {
  expect(keyBlob(`no-pty,command="echo AAAA" ${a}`)).toBe("AAAAaaaa");
  expect(keyBlob(`# ${a}`)).toBeUndefined();
  expect(keyBlob(`command="say AAAAno \\" AAAAno",no-pty\t${a}`)).toBe("AAAAaaaa");
  expect(keyBlob(`${b} once AAAAcccc`)).toBe("AAAAbbbb");
  expect([`${b}"`, "AAAAaaaa", 'command="x ssh-rsa AAAA'].map(keyBlob)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ["", [a], false, `${a}\n`],
  [`# mine\n${b}\n`, [a], false, `# mine\n${b}\n${a}\n`],
  [`# mine\n${b}\n`, [a], true, `# mine\n${a}\n`],
  [`no-pty ${a}\n${b}\n`, [a], false, `${a}\n${b}\n`],
  [`${a}\n${a}`, [a], false, a],
  [`\uFEFF${b}\r\n${a}\r\n`, [b], false, `\uFEFF${b}\r\n${a}\r\n`],
  [`${b}\r\n`, [a], false, `${b}\r\n${a}\r\n`],
  [`  ${a} \n${b}`, [a], false, `  ${a} \n${b}`],
  ["AAAAbare\n", ["AAAAbare"], true, "AAAAbare\n"],
  [`${a}\n${b}`, [], true, ""],
])("%j with %j (only: %p)", (text, keys, exclusive, wanted) => {
  expect(withKeys(text, keys, exclusive)).toBe(wanted);
  expect(withKeys(wanted, keys, exclusive)).toBe(wanted);
});

const wish = { key: "ssh-ed25519 AAAAaaaa", options: "", exclusive: false };
const put = (more: object) => onText((doc) => withAuthorizedKey(doc, { ...wish, ...more }));
const takeAway = onText((doc) => withoutAuthorizedKey(doc, wish.key));

test("any authorized_keys: the key stands once, twice is once, other lines stay, away is gone", () => {
  fc.assert(
    fc.property(
      anyText([a, b, `no-pty ${a}`, `# ${a}`]),
      fc.constantFrom("", "no-pty", 'command="a b"'),
      fc.boolean(),
      (text, options, exclusive) => {
        const once = put({ options, exclusive })(text);
        expect(put({ options, exclusive })(once)).toBe(once);
        const keys = rawLines(once).filter((line) => keyBlob(line) === "AAAAaaaa");
        expect(keys).toHaveLength(1);
        expect(keys[0]).toMatch(options === "" ? /^ssh-/ : /^(?:no-pty|command="a b") ssh-/);
        const others = (all: string) =>
          rawLines(all).filter((l) => keyBlob(l) !== "AAAAaaaa" && !(exclusive && keyBlob(l)));
        expect(others(once)).toEqual(others(text));
        expect(others(takeAway(once))).toEqual(others(text));
        expect(rawLines(takeAway(once)).some((l) => keyBlob(l) === "AAAAaaaa")).toBe(false);
      },
    ),
  );
});

test.each([
  ["", { comment: "me" }, "ssh-ed25519 AAAAaaaa me\n"],
  [`no-pty ${a}\n`, {}, `${a}\n`],
  [`${a}\n`, { options: "no-pty" }, `no-pty ${a}\n`],
  [`${a}\n`, { comment: "b c" }, "ssh-ed25519 AAAAaaaa b c\n"],
  ["  ssh-ed25519 AAAAaaaa\n", {}, "  ssh-ed25519 AAAAaaaa\n"],
  [`${wish.key} was AAAAcccc\n`, {}, `${wish.key} was AAAAcccc\n`],
  [`${wish.key} was AAAAcccc\n`, { options: "no-pty" }, `no-pty ${wish.key} was AAAAcccc\n`],
  [
    'command="run AAAAcccc" ssh-rsa AAAAr me\n',
    {},
    `command="run AAAAcccc" ssh-rsa AAAAr me\n${wish.key}\n`,
  ],
])("%j with %j", (text, more, wanted) => {
  expect(put(more)(text)).toBe(wanted);
});
