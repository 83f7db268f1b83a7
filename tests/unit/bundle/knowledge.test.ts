/** What agents know, as it travels, and what of a policy one does not know. */
import { expect, test } from "bun:test";
import {
  type Knowledge,
  knowledgeOf,
  knowledgeText,
  lacksOf,
  readKnowledge,
} from "../../../src/core/bundle/knowledge.ts";
import { sha256 } from "../../../src/core/pki/keys.ts";
import type { Subject } from "../../../src/core/policy/model.ts";
import { resolve } from "../../../src/core/policy/resolve.ts";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { policyOf } from "../../support/policy.ts";
import { sampleTraits } from "../../support/sample-traits.ts";

const whole = knowledgeOf({ resources, traits });
const bytesOf = (text: string) => new TextEncoder().encode(text);

test("every type, trait and word is in it, and it stays small", () => {
  expect(Object.keys(whole.types).sort()).toEqual(resources.map(({ name }) => name).sort());
  expect(Object.keys(whole.traits).sort()).toEqual(traits.map(({ name }) => name).sort());
  for (const parameters of Object.values(whole.types)) expect(parameters).not.toEqual([]);
  expect(whole.types["file"]).toContain("target_path");
  expect(whole.traits["os"]).toContain("distro");
  expect(whole.functions).toContain("in_percent");
  expect(whole.filters).toContain("shell_quote");
  expect(knowledgeText(whole).length).toBeLessThan(40_000);
});

test("it travels whole, and only as what its digest stands for", () => {
  const bytes = bytesOf(knowledgeText(whole));
  expect(readKnowledge(bytes, sha256(bytes))).toEqual(whole);
  expect(readKnowledge(bytes, sha256(bytesOf("another")))).toBeUndefined();
});

test.each([
  "",
  "null",
  "{}",
  '{"types":[],"traits":{},"functions":[],"filters":[]}',
  '{"types":{"file":"x"},"traits":{},"functions":[],"filters":[]}',
  `{"types":{},"traits":{},"functions":["${"x".repeat(300)}"],"filters":[]}`,
  `{"types":{},"traits":{},"functions":[${'"x",'.repeat(5000)}"x"],"filters":[]}`,
  `{"types":{},"traits":{},"functions":[],"filters":[]}${" ".repeat(300_000)}`,
])("what no agent would tell is not taken: %.40s", (text) => {
  expect(readKnowledge(bytesOf(text), sha256(bytesOf(text)))).toBeUndefined();
});

test("no text either", () => {
  const bytes = new Uint8Array([0xff, 0xfe]);
  expect(readKnowledge(bytes, sha256(bytes))).toBeUndefined();
});

const host: Subject = { id: "x", hostname: "web-1", traits: {} };
const listOf = (...lines: readonly string[]) => {
  const policy = policyOf({
    "envoys.vgo": 'envoys: [{ match: "*", configcrates: [a] }]',
    "configcrates/a.vgo": `configcrate: a\nvars: { key: "secret:a/b" }\nresources:\n${lines.map((line) => `  - ${line}\n`).join("")}`,
  });
  const resolved = resolve(policy, host);
  if (resolved.kind === "unresolved") throw new Error(resolved.problems[0]?.message);
  return resolved.resources;
};
const without = (change: Partial<Knowledge>): Knowledge => ({ ...whole, ...change });
const { file: _, ...types } = whole.types;
const file = '{ name: x, type: file, target_path: /x, content: "a", mode: "0600" }';

test.each<[name: string, line: string, knowledge: Knowledge, lacks: readonly string[]]>([
  ["nothing", file, whole, []],
  ["a type", file, without({ types }), ["type file"]],
  [
    "a parameter",
    file,
    without({ types: { ...types, file: ["target_path", "content"] } }),
    ["parameter mode of file"],
  ],
  [
    "a function",
    '{ name: x, type: file, target_path: /x, content: "a", when: "file_exists(\'/a\')" }',
    without({ functions: whole.functions.filter((name) => name !== "file_exists") }),
    ["file_exists in conditions"],
  ],
  [
    "a field of a trait",
    '{ name: x, type: file, target_path: /x, content: "a", when: "traits.load.one > 4.0" }',
    without({ traits: { ...whole.traits, load: ["five"] } }),
    ["trait load.one"],
  ],
  [
    "a trait",
    '{ name: x, type: file, target_path: /x, content: "a", when: "traits.load.one > 4.0" }',
    without({ traits: {} }),
    ["trait load"],
  ],
  [
    "a filter for secrets",
    '{ name: x, type: file, target_path: /x, content: "a {{ vars.key | base64 }}" }',
    without({ filters: ["json"] }),
    ["filter base64 for secrets"],
  ],
])("it lacks %s", (_name, line, knowledge, lacks) => {
  const found = lacksOf(listOf(line), knowledge, { traits: sampleTraits });
  expect(found.map(({ what }) => what)).toEqual([...lacks]);
  for (const { key, place } of found) expect([key, place.line]).toEqual(["a/x", 4]);
});

test("each thing once, at the first that uses it", () => {
  const [first, second] = [file, file.replace("name: x", "name: y").replace("/x", "/y")];
  const found = lacksOf(listOf(first, second), without({ types }), { traits: sampleTraits });
  expect(found.map(({ what, key }) => [what, key])).toEqual([["type file", "a/x"]]);
});
