import { expect, test } from "bun:test";
import { Glob } from "bun";
import { problemsPage } from "../../../scripts/problems-page.ts";
import { codes } from "../../../src/core/policy/codes.ts";

test("the page of problems is the one the codes make", async () => {
  expect(await Bun.file("docs/problems.md").text()).toBe(problemsPage());
});

test("every code is used, and every code used has its page", async () => {
  const used = new Set<string>();
  for await (const file of new Glob("src/{core,modes}/**/*.ts").scan("."))
    if (!file.endsWith("codes.ts"))
      for (const [code] of (await Bun.file(file).text()).matchAll(/VG\d{3}/g)) used.add(code);
  // Conditions and templates carry the codes of their examples only.
  const known = Object.keys(codes).sort();
  expect([...used].sort()).toEqual(known);
});

test("every code says what it means and the way out", () => {
  for (const [code, [title, remedy]] of Object.entries(codes)) {
    expect(title.length, code).toBeGreaterThan(4);
    expect(remedy, code).toEndWith(".");
  }
});
