import { expect, test } from "bun:test";
import { matchesGlob } from "../../../src/core/text/glob.ts";

test.each([
  ["*.conf", "a.conf", true],
  ["*.conf", "sub/a.conf", true],
  ["*.conf", "a.confx", false],
  ["sub/*.conf", "sub/a.conf", true],
  ["sub/*.conf", "sub/deep/a.conf", false],
  ["sub/**", "sub/deep/a.conf", true],
  ["**/a.conf", "a.conf", true],
  ["?.x", "a.x", true],
  ["[a-c].x", "b.x", true],
  ["[!a-c].x", "b.x", false],
  ["a+b(1).x", "a+b(1).x", true],
  ["a.b", "axb", false],
])("%s and %s: %p", (pattern, name, fits) => expect(matchesGlob(pattern, name)).toBe(fits));
