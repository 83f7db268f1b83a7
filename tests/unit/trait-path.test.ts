import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../../src/core/json.ts";
import { leaves, valueAt } from "../../src/core/trait-path.ts";

const value = {
  distro: "debian",
  empty: [],
  nothing: null,
  disks: [{ size_mb: 10 }, { size_mb: 20, parts: [["a"], ["b", "c"]] }],
  installed: { "libc6:i386": "2.36", "python3.11": "3.11.2", python3: { 11: "other" } },
};

describe("a path into a trait", () => {
  test.each([
    ["", value],
    ["distro", "debian"],
    ["nothing", null],
    ["disks[1].size_mb", 20],
    ["disks[1].parts[1][0]", "b"],
    ["installed.libc6:i386", "2.36"],
    ["installed.python3.11", "3.11.2"],
  ])("%p leads to what stands there", (path, expected) => {
    expect(valueAt(value, path)).toEqual(expected as Json);
  });

  test.each([
    "distr",
    "distro.x",
    "disks[2]",
    "disks.0",
    "disks[0]size_mb",
    "disks[-1]",
    "toString",
    "__proto__",
    "installed.constructor",
    "disks.length",
  ])("%p leads nowhere", (path) => {
    expect(valueAt(value, path)).toBeUndefined();
  });

  test("of each leaf leads to it", () => {
    const names = fc.stringMatching(/^[a-z_][a-z0-9_:-]{0,5}$/);
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(names, tie("tree"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (some) => {
        for (const [path, leaf] of leaves(some)) expect(valueAt(some, path)).toEqual(leaf);
      }),
    );
  });
});
