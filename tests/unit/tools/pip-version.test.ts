import { expect, test } from "bun:test";
import { isPipVersion } from "../../../src/core/tools/pip-version.ts";

// What `packaging.version.Version` says of each pair, and `packaging.specifiers` of those with a plus.
test.each([
  ["1.0", "1.0.0", true],
  ["1", "1.0.0", true],
  ["2024.2.2", "2024.02.02", true],
  ["1.10", "1.1", false],
  ["1.0a1", "1.0.alpha_1", true],
  ["1.0a1", "1.0-ALPHA1", true],
  ["1.0rc1", "1.0c1", true],
  ["1.0rc1", "1.0-preview.1", true],
  ["1.0a0", "1.0a", true],
  ["1.0a1", "1.0b1", false],
  ["1.0.post2", "1.0-2", true],
  ["1.0.post2", "1.0rev2", true],
  ["1.0.post2", "1.0", false],
  ["1.0.dev3", "1.0dev03", true],
  ["1.0a1.post2.dev3", "v1.0-a1-r2-dev3", true],
  ["1!1.0", "1.0", false],
  ["1.0", "0!1.0", true],
  ["2.0.0+cpu", "2.0.0", true],
  ["2.0.0", "2.0.0+cpu", false],
  ["2.0.0+cu118", "2.0.0+cpu", false],
  ["2.0.0+ubuntu.1", "2.0+Ubuntu-01", true],
  ["1.0.0", "1.0.0.1", false],
  ["10", "1", false],
  ["abc", "abc", true],
  ["abc", "abd", false],
] as const)("%s is %s: %p", (is, wish, same) => {
  expect(isPipVersion(is, wish)).toBe(same);
});
