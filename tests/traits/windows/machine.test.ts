import { expect, test } from "bun:test";
import { collectTraits, traitValues } from "../../../src/core/collect.ts";
import { factsScript } from "../../../src/core/tools/windows-facts.ts";
import { platformsOf } from "../../../src/core/trait.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { codeOf } from "../../support/powershell-script.ts";
import { factGroups, recordedWindows, windowsRecord } from "../../support/recorded-windows.ts";

const onWindows = traits.filter((trait) => platformsOf(trait).includes("windows"));

test("every trait that is said to be collected on Windows has a value of its shape", async () => {
  const { sections, failures } = await collectTraits(traits, recordedWindows().host);
  expect(failures).toEqual([]);
  expect(Object.keys(traitValues(sections))).toEqual(onWindows.map(({ name }) => name));
  expect(onWindows.length).toBeGreaterThanOrEqual(30);
});

test("PowerShell is started once for each group, and for those alone that are due", async () => {
  const { host, asked } = recordedWindows();
  const { sections } = await collectTraits(traits, host);
  expect(asked.toSorted()).toEqual(factGroups.toSorted());
  asked.length = 0;
  await collectTraits(traits, host, { previous: sections });
  expect(asked).toEqual(["now"]);
});

test("a part that fails costs the traits that need it, with what Windows said", async () => {
  const answer = JSON.parse(windowsRecord("machine")) as Record<string, Record<string, unknown>>;
  const { tpm: _, ...told } = answer["told"] ?? {};
  const machine = JSON.stringify({ told, failed: { tpm: "Invalid namespace " } });
  const { sections, failures } = await collectTraits(traits, recordedWindows({ machine }).host);
  expect(failures.map(({ name, reason }) => [name, reason])).toEqual([
    ["tpm", "Windows does not tell tpm: Invalid namespace "],
  ]);
  expect(traitValues(sections)).toMatchObject({ secureboot: { enabled: true } });
});

test("what is no answer at all is said of each trait", async () => {
  const { failures } = await collectTraits(traits, recordedWindows({ updates: "[]" }).host);
  expect(failures.map(({ name, reason }) => [name, reason])).toEqual([
    ["package_updates", "what Windows says of updates cannot be read"],
  ]);
});

test.each(factGroups)("the script of %s is whole, and fits into a command line", (group) => {
  const script = factsScript(group);
  // Brackets and quotes have their other half, and nothing has to be quoted once more for the command line.
  expect(codeOf(script)).toContain("ConvertTo-Json");
  expect(script).not.toMatch(/["\n]/);
  expect(script.length).toBeLessThan(16_000);
});
