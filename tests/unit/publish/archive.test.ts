import { expect, test } from "bun:test";
import fc from "fast-check";
import { packTree, unpackTree } from "../../../src/core/publish/archive.ts";
import { treeDigest } from "../../../src/core/publish/digest.ts";
import { treeOf } from "../../support/policy.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

test("what was packed is unpacked, byte for byte", () => {
  fc.assert(
    fc.property(
      fc.dictionary(path, fc.uint8Array({ maxLength: 200 }), { maxKeys: 12 }),
      (given) => {
        const tree = { files: new Map(Object.entries(given)) };
        expect(treeDigest(unpackTree(packTree(tree)))).toBe(treeDigest(tree));
      },
    ),
  );
});

test.each(["../a", "a//b", "/a", "a/./b", ".hidden", "publish.json", "a\nb", "notes.md"])(
  "%j is no path of a tree",
  (bad) => expect(() => unpackTree(packTree(treeOf({ [bad]: "x" })))).toThrow("no path of a tree"),
);
