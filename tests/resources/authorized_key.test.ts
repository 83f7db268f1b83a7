import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { authorizedKey } from "../../src/core/resources/authorized_key.ts";
import { cases } from "../support/cases.ts";

const passwd = { "/etc/passwd": "dana:x:1000:1000::/home/dana:/bin/sh\n" };
const keys = "/home/dana/.ssh/authorized_keys";
const key = "ssh-ed25519 AAAAaaaa dana@home";
const wish = { user: "dana", key };

cases(authorizedKey, {
  "makes file and folder for the account": {
    given: { files: passwd },
    wish,
    does: ["mkdir /home/dana/.ssh", `write ${keys}`],
    leaves: { [keys]: `${key}\n` },
    says: { key: [undefined, key] },
  },
  "adds a key and keeps the others": {
    given: { files: { ...passwd, [keys]: "# mine\nssh-rsa AAAAbbbb" } },
    wish: { ...wish, key_options: "no-pty" },
    does: [`write ${keys}`],
    leaves: { [keys]: `# mine\nssh-rsa AAAAbbbb\nno-pty ${key}` },
  },
  "says in a dry run what it will be, for an account that is still to come": {
    given: {},
    wish: { ...wish, key_options: "no-pty" },
    does: [],
    says: { key: [undefined, `no-pty ${key}`] },
    ends: "failed",
    because: "no user dana",
  },
  "leaves a right key alone": {
    given: { files: { ...passwd, [keys]: `${key}\n` } },
    wish: { ...wish, key: "ssh-ed25519 AAAAaaaa" },
    does: [],
  },
  "takes options away that nobody declared": {
    given: { files: { ...passwd, [keys]: `command="x y" ${key}\n` } },
    wish,
    does: [`write ${keys}`],
    leaves: { [keys]: `${key}\n` },
  },
  "leaves no other key": {
    given: { files: { ...passwd, [keys]: `# mine\nssh-rsa AAAAbbbb\n${key}\n` } },
    wish: { ...wish, exclusive: true },
    does: [`write ${keys}`],
    leaves: { [keys]: `# mine\n${key}\n` },
    says: { key: ["ssh-rsa AAAAbbbb", undefined] },
  },
  "keeps a file elsewhere": {
    given: {},
    wish: { ...wish, file: "/etc/ssh/keys/dana" },
    does: ["write /etc/ssh/keys/dana"],
  },
  "waits for an account until it must": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "no user dana on this machine",
  },
  "takes a key away": {
    given: { files: { ...passwd, [keys]: `ssh-rsa AAAAbbbb\nno-pty ${key}\n` } },
    wish: { ...wish, state: "absent" },
    does: [`write ${keys}`],
    leaves: { [keys]: "ssh-rsa AAAAbbbb\n" },
  },
  "takes nothing from nobody": { given: {}, wish: { ...wish, state: "absent" }, does: [] },
});

test.each([
  [{ key: "AAAA" }, "key: must be a key like"],
  [
    { key: `no-pty ${key}` },
    "key: must be a key like ssh-ed25519 AAAA… (options go to key_options)",
  ],
  [{ comment: "a\nb" }, "comment: must be one line"],
])("refuses %j", (more, message) => {
  const { error } = authorizedKey.params.safeParse({ ...wish, ...more });
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims its key as a user resource does", () => {
  const claims = (more: object) =>
    authorizedKey.claims(authorizedKey.params.parse({ ...wish, ...more }));
  expect(claims({})).toEqual([{ id: "authorized_keys:dana", part: "AAAAaaaa" }]);
  expect(claims({ exclusive: true })).toEqual([{ id: "authorized_keys:dana" }]);
  expect(claims({ file: "/k" })).toEqual([{ id: "file:/k", part: "AAAAaaaa" }]);
});
