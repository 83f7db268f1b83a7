/** `config schema` held against the golden cases by an outside validator: it takes every good file, and refuses what it can know. */
import { describe, expect, test } from "bun:test";
import * as files from "node:fs/promises";
import Ajv from "ajv/dist/2020";
import { parse } from "yaml";
import { loadTree } from "../../src/core/policy/load.ts";
import { resources } from "../../src/core/resources/index.ts";
import { vgoSchema } from "../../src/modes/cli/schema/vgo.ts";

const root = `${import.meta.dir}/cases`;
const names = (await files.readdir(root)).sort();
const examples = (await files.readdir("examples")).sort();
const accepts = new Ajv({ strict: false, allErrors: true }).compile(vgoSchema(resources));

/** Files of a case that the schema refuses, with the first reason. */
const refused = (name: string) => refusedIn(`${root}/${name}/stacks`);

async function refusedIn(folder: string): Promise<readonly string[]> {
  const { tree } = await loadTree(files, folder);
  return [...tree.files].flatMap(([file, bytes]) => {
    if (!file.endsWith(".vgo") || file.startsWith("templates/")) return [];
    const text = new TextDecoder().decode(bytes);
    if (accepts(parse(text, { schema: "core", logLevel: "silent" }))) return [];
    const [first] = accepts.errors ?? [];
    return [`${file}: ${first?.instancePath} ${first?.message}`];
  });
}

describe("config schema", () => {
  for (const name of names.filter((name) => name.startsWith("good-")))
    test(`takes ${name}`, async () => expect(await refused(name)).toEqual([]));

  for (const name of examples)
    test(`takes the example ${name}`, async () =>
      expect(await refusedIn(`examples/${name}`)).toEqual([]));

  test.each([
    "bad-common-attributes",
    "bad-compliance",
    "bad-hostcrate-without-match",
    "bad-layout-keys-in-the-wrong-file",
    "bad-layout-match-in-common",
    "bad-lookups",
    "bad-missing-parameter",
    "bad-names",
    "bad-parameters-that-exclude-one-another",
    "bad-foreach-over-no-list",
    "bad-download-without-a-checksum",
    "bad-whole-numbers",
    "bad-yes-and-no",
    "bad-modes-owners-and-paths",
    "bad-defaults",
    "bad-types-far-and-near",
    "bad-layout-objects-mixed-up",
    "bad-parameters-one-inside-another",
    "bad-everything-at-once",
    "bad-not-in-this-version",
    "bad-policy-tests",
    "bad-select",
    "bad-shapes",
    "bad-templates",
    "bad-unknown-type-and-parameters",
    "bad-usercrates",
    "bad-values-between-templates",
    "bad-yaml-template-without-quotes",
    "bad-foreach-configcrates",
    "bad-layout-environment-lists-roles",
    "bad-layout-usercrate-lists-hosts",
    "bad-named-tasks",
    "bad-names-of-environments",
    "bad-names-with-control-letters",
    "bad-near-misses-of-keys",
    "bad-near-misses-of-names",
    "bad-near-misses-of-values",
    "bad-one-unreadable-file-hides-no-other",
    "bad-revert",
    "bad-source-files",
    "bad-where",
    "bad-workflows",
  ])("refuses %s", async (name) => {
    expect(await refused(name)).not.toEqual([]);
  });
});
