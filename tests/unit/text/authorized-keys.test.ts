import { expect, test } from "bun:test";
import { keyBlob, withKeys } from "../../../src/core/text/authorized-keys.ts";

const a = "ssh-ed25519 AAAAaaaa dana@home";
const b = "ssh-ed25519 AAAAbbbb";

test("finds the key behind options and before the comment", () => {
  expect(keyBlob(`no-pty,command="echo AAAA" ${a}`)).toBe("AAAAaaaa");
  expect(keyBlob(`# ${a}`)).toBeUndefined();
});

test.each([
  ["", [a], false, `${a}\n`],
  [`# mine\n${b}\n`, [a], false, `# mine\n${b}\n${a}\n`],
  [`# mine\n${b}\n`, [a], true, `# mine\n${a}\n`],
  [`no-pty ${a}\n${b}\n`, [a], false, `${a}\n${b}\n`],
  [`${a}\n${a}`, [a], false, `${a}\n`],
  [`${a}\n${b}`, [], true, ""],
])("%j with %j (only: %p)", (text, keys, exclusive, wanted) => {
  expect(withKeys(text, keys, exclusive)).toBe(wanted);
  expect(withKeys(wanted, keys, exclusive)).toBe(wanted);
});
