import { expect, test } from "bun:test";
import { collectTraits, traitValues } from "../../../src/core/collect.ts";
import { platformsOf } from "../../../src/core/trait.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { macProfiler, recordedMac } from "../../support/recorded-mac.ts";

const onMac = traits.filter((trait) => platformsOf(trait).includes("darwin"));

test("every trait that is said to be collected on macOS has a value of its shape", async () => {
  const { host } = recordedMac();
  const { sections, failures } = await collectTraits(traits, host);
  expect(failures).toEqual([]);
  expect(Object.keys(traitValues(sections))).toEqual(onMac.map(({ name }) => name));
  expect(onMac.length).toBeGreaterThanOrEqual(30);
});

test("no program is asked the same thing twice in a collection", async () => {
  const { host, asked } = recordedMac();
  await collectTraits(traits, host);
  expect(asked).toEqual([...new Set(asked)]);
  await collectTraits(traits, host, { only: new Set(["os"]) });
  expect(asked.filter((line) => line === "sw_vers")).toHaveLength(2);
});

test("a tool that fails costs its own traits, and is named", async () => {
  const broken = { code: 1, stdout: "", stderr: "vm_stat: failed to get statistics\n" };
  const { sections, failures } = await collectTraits(traits, recordedMac({ vm_stat: broken }).host);
  expect(failures.map(({ name, reason }) => [name, reason])).toEqual([
    ["memory", "vm_stat: exit 1: vm_stat: failed to get statistics"],
  ]);
  expect(traitValues(sections)).toMatchObject({ swap: { total_mb: 2048 } });
});

test.each([
  [
    "ps",
    "processes",
    "it prints more than is kept",
    { truncated: true as const, stdout: "  1 Ss" },
  ],
  ["system_profiler", "display", "system_profiler answered no JSON: Usage", { stdout: "Usage" }],
])("%s: what it prints is not taken for a whole answer", async (program, trait, reason, told) => {
  const { asked, host } = recordedMac();
  await collectTraits(traits, host);
  const line = asked.find((one) => one.startsWith(`${program} `)) ?? macProfiler;
  const broken = recordedMac({ [line]: { code: 0, stderr: "", ...told } });
  const { failures } = await collectTraits(traits, broken.host, { only: new Set([trait]) });
  expect(failures.map(({ name }) => name)).toEqual([trait]);
  expect(failures[0]?.reason).toContain(reason);
});
