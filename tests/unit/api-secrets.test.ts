/** What callers must not see again, refused: an answer, and with it logs and terminals, says what is wrong and not the value. */
import { expect, test } from "bun:test";
import { changePassword, confirmTotp } from "../../src/core/api/account.ts";
import { login, loginByCode, openSession } from "../../src/core/api/auth.ts";
import { setSecret } from "../../src/core/api/secrets.ts";
import { createUser } from "../../src/core/api/users.ts";
import type { Endpoint } from "../../src/core/api/endpoint.ts";

const long = "hush".repeat(300);
const rows: readonly [string, Endpoint, object][] = [
  ["a password that logs in", login, { name: "ada", password: long }],
  ["a password that is none", openSession, { name: "ada", password: ["hush"] }],
  [
    "a code",
    login,
    { name: "ada", password: "x", code: "hush hush hush hush hush hush hush hush" },
  ],
  ["a new password", changePassword, { current: "x", password: "hush" }],
  ["a new user's", createUser, { name: "ada", role: "viewer", password: "hush" }],
  ["a second factor's code", confirmTotp, { code: "hush!!" }],
  ["a code of a browser", loginByCode, { code: "hush", verifier: "hush" }],
  ["a secret", setSecret, { path: "web/db", value_base64: "hush!" }],
];

test.each(rows)("%s", (_, { body }, given) => {
  const { error } = body?.safeParse(given) ?? {};
  const said = (error?.issues ?? []).map(({ message }) => message);
  expect(said.length).toBeGreaterThan(0);
  expect(said.join("; ")).not.toContain("hush");
});
