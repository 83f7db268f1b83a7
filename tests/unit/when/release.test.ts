import { expect, test } from "bun:test";
import { isAtLeast } from "../../../src/core/policy/when/release.ts";

test.each([
  ["12", "12", true],
  ["12", "12.0", true],
  ["12.4", "12", true],
  ["12", "12.4", false],
  ["9.10", "9.9", true],
  ["9.9", "9.10", false],
  ["24.04", "22.04", true],
  ["22.04.3", "22.4", true],
  ["rolling", "12", true],
  ["12", "rolling", false],
  ["10-rc1", "10", true],
])("%s is at least %s: %p", (...[version, least, expected]) => {
  expect(isAtLeast(version, least)).toBe(expected);
});
