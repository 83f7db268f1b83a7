import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { unifiedDiff } from "../../../src/core/text/diff.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const diff = (a: string, b: string) => unifiedDiff(bytes(a), bytes(b));
const folder = mkdtempSync(join(tmpdir(), "vigo-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a unified diff", () => {
  test("shows what changed with three lines around it", () => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1}\n`);
    const changed = lines.with(9, "other\n");
    expect(diff(lines.join(""), changed.join(""))).toBe(
      "@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+other\n line 11\n line 12\n line 13\n",
    );
  });

  test("of a new file is all plus", () => {
    expect(unifiedDiff(undefined, bytes("a\nb\n"))).toBe("@@ -0,0 +1,2 @@\n+a\n+b\n");
    expect(diff("", "")).toBe("");
  });

  test("says when the last line has no end", () => {
    expect(diff("a", "a\n")).toBe("@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
  });

  test("is silent about bytes that are no text, and about big ones", () => {
    expect(unifiedDiff(new Uint8Array([0]), bytes("a"))).toBeUndefined();
    expect(unifiedDiff(new Uint8Array([0xff, 0xfe]), bytes("a"))).toBeUndefined();
    expect(diff("a", "b".repeat(300 * 1024))).toBeUndefined();
  });

  test("is bounded in lines and in their length", () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `${i} ${"x".repeat(1000)}`).join("\n");
    const shown = diff("", many.slice(0, 200_000)) ?? "";
    expect(shown.split("\n").length).toBeLessThan(125);
    expect(shown).toContain("more lines\n");
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThan(410);
  });

  test("of texts without anything in common is quick", () => {
    const text = (name: string) =>
      Array.from({ length: 8_000 }, (_, i) => `${name}${i}\n`).join("");
    const start = performance.now();
    expect(diff(text("a"), text("b"))).toStartWith("@@ -1,8000 +1,8000 @@\n-a0\n");
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test.skipIf(Bun.which("patch") === null)("is one that patch(1) takes", async () => {
    const line = fc.constantFrom("a", "b", "c", "", "d d");
    const texts = fc.array(line, { maxLength: 30 }).map((all) => all.map((l) => `${l}\n`).join(""));
    await fc.assert(
      fc.asyncProperty(texts, texts, async (a, b) => {
        const patch = diff(a, b) ?? "";
        if (a === b) return expect(patch).toBe("");
        await Bun.write(join(folder, "a"), a);
        await Bun.write(join(folder, "p"), `--- a\n+++ a\n${patch}`);
        const { exitCode, stdout } = Bun.spawnSync(["patch", "-s", "-o", "-", "a", "p"], {
          cwd: folder,
        });
        expect([exitCode, stdout.toString()]).toEqual([0, b]);
      }),
      { numRuns: 60 },
    );
  });
});
