import { expect, test } from "bun:test";
import { asVigoError, VigoError } from "../../src/core/errors.ts";

const system = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code}: said by the kernel`), { code, ...more });

test.each([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "the disk is read-only"],
])("%s is the disk's, and says what to do", (code, message) => {
  const cause = system(code);
  const error = asVigoError(cause);
  expect([error.failure, error.message, error.cause]).toEqual(["unavailable", message, cause]);
  expect(error.hint).toBeString();
  expect(asVigoError(system(code, { path: "/srv/vigo/x" })).message).toBe(
    `/srv/vigo/x: ${message}`,
  );
});

test("what is told already stays as it is, and everything else is a bug whose words stay inside", () => {
  const told = new VigoError("missing", "no such envoy");
  expect(asVigoError(told)).toBe(told);
  for (const bug of [system("EACCES"), new TypeError("x is undefined"), "text", undefined]) {
    const error = asVigoError(bug);
    expect([error.failure, error.message, error.cause]).toEqual([
      "internal",
      "internal error",
      bug,
    ]);
  }
});
