import { expect, test } from "bun:test";
import { modeBits, octal } from "../../../src/core/text/mode.ts";

test.each([
  ["0644", 0o777, false, 0o644],
  ["4755", 0, false, 0o4755],
  ["u=rw,go=r", 0o777, false, 0o644],
  ["u+x", 0o644, false, 0o744],
  ["+x", 0o644, false, 0o755],
  ["a-w", 0o666, false, 0o444],
  ["go=", 0o777, false, 0o700],
  ["u=rwX,go=rX", 0o600, false, 0o644],
  ["u=rwX,go=rX", 0o700, false, 0o755],
  ["u=rwX,go=rX", 0o600, true, 0o755],
  ["u+s", 0o755, false, 0o4755],
  ["g+s", 0o2755, true, 0o2755],
  ["g-s", 0o2755, true, 0o755],
  ["o+t", 0o777, true, 0o1777],
  ["ug+rw-x", 0o711, false, 0o661],
])("%s on %o (folder: %p)", (written, current, isFolder, wanted) => {
  expect(octal(modeBits(written, current, isFolder))).toBe(octal(wanted));
});
