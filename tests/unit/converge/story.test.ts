/** Dry runs of several resources that build on one another: what is said is what the run then does, on the same machine. */
import { describe, expect, test } from "bun:test";
import type { Body, BodyResource } from "../../../src/core/bundle/body.ts";
import type { RunReport } from "../../../src/core/converge/report.ts";
import { runBody } from "../../../src/core/converge/run.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { resources as types } from "../../../src/core/resources/index.ts";
import { type FakeInit, fakeHost } from "../../support/fake-host.ts";
import { memoryRecords, memoryReversals } from "../../support/memory-records.ts";

type More = Omit<Partial<BodyResource>, "key" | "type" | "params">;
const of = (type: string, key: string, params: JsonObject, more: More = {}): BodyResource => ({
  key,
  type,
  params,
  ...more,
});
const file = (key: string, params: JsonObject, more?: More) =>
  of("file", key, { target_path: `/srv/${key}`, ...params }, more);

async function run(
  init: FakeInit,
  resources: readonly BodyResource[],
  dryRun: boolean,
): Promise<RunReport["resources"]> {
  const fake = fakeHost(init);
  const body: Body = { format: 1, resources, secrets: [] };
  const report = await runBody(body, {
    types,
    traitTypes: [],
    host: fake.host,
    envoy: { id: "e", hostname: "h" },
    trait: async () => undefined,
    records: memoryRecords().records,
    reversals: memoryReversals().reversals,
    policyVersion: 1,
    pause: async () => true,
    protectedPaths: [],
    dryRun,
  });
  if (dryRun) expect(fake.log).toEqual([]);
  return report.resources.map((row) => ({ ...row, duration_ms: 0 }));
}

const settings = { target_path: "/srv/conf" };
const stories: Readonly<Record<string, readonly BodyResource[]>> = {
  "three edits of one file": [
    of("file_line", "line", { ...settings, line: "c 3" }),
    of("key_value", "key", { ...settings, key: "b", value: "22" }, { needs: [0] }),
    of("blockinfile", "block", { ...settings, block_content: "of ours" }, { needs: [1] }),
  ],
  "what one takes away another brings back": [
    of("replace", "gone", { ...settings, match_pattern: "b 2\\n", replacement: "" }),
    of("key_value", "key", { ...settings, key: "b", value: "2" }, { needs: [0] }),
  ],
  "a file in a new folder, a copy, and links to it": [
    of("directory", "new", { target_path: "/srv/new", mode: "0700" }),
    file("new/a", { content: "one\n", mode: "0755" }, { needs: [0] }),
    file("new/b", { source_path: "/srv/new/a" }, { needs: [1] }),
    of("symlink", "s", { target_path: "/srv/s", to: "new" }, { needs: [0] }),
    of("file_line", "by", { target_path: "/srv/new/a", line: "two" }, { needs: [2, 3] }),
  ],
  "a folder that is to hold only what is declared": [
    file("full/mine", { content: "x" }),
    of("directory", "full", { target_path: "/srv/full", purge: true }, { needs: [0] }),
  ],
  "an edit of a file that comes with the run": [
    file("made", { content: "a=1\n" }),
    of("key_value", "in", { target_path: "/srv/made", key: "a", value: "2", separator: "=" }),
  ],
  "a file that goes, and one that is copied from it": [
    file("conf", { state: "absent" }),
    of("file_line", "no", { ...settings, line: "x" }, { needs: [0] }),
  ],
  "a condition on what was made before": [
    file("flag", { content: "" }),
    file("then", { content: "x" }, { needs: [0], when: { source: "file_exists('/srv/flag')" } }),
  ],
  "a folder that nobody makes": [
    of("file_line", "no", { target_path: "/none/x", line: "x" }),
    file("lost", { content: "x" }, { needs: [0] }),
  ],
};

describe("a dry run says what the run then does", () => {
  const init: FakeInit = {
    files: { "/srv/conf": "a 1\nb 2\n", "/srv/full/old": "", "/srv/full/older": "" },
  };
  test.each(Object.entries(stories))("%s", async (_, resources) => {
    const dry = await run(init, resources, true);
    const done = await run(init, resources, false);
    const ending = ({ outcome }: { outcome: string }) =>
      outcome === "pending" ? "changed" : outcome;
    const told: readonly unknown[] = dry.map((row) => ({ ...row, outcome: ending(row) }));
    expect(told).toEqual([...done]);
  });
});

test("what is noop is done by neither", async () => {
  const resources = [
    of("directory", "new", { target_path: "/srv/new" }, { noop: true }),
    file("new/a", { content: "x" }, { needs: [0] }),
  ];
  const [folder, inside] = await run({ files: { "/srv/x": "" } }, resources, true);
  expect(folder?.outcome).toBe("pending");
  expect(inside).toMatchObject({
    outcome: "failed",
    reason:
      "cannot write /srv/new/a: its folder is not there (declare the folder as a directory resource)",
  });
});

test("a command is not asked about what is not there yet, and that is said", async () => {
  const resources = [
    file("made", { content: "x" }),
    of("exec", "made?", { command: "touch /srv/y", unless: "grep -q x /srv/made" }, { needs: [0] }),
  ];
  const [, asked] = await run({ files: { "/srv/x": "" } }, resources, true);
  expect(asked).toMatchObject({
    outcome: "pending",
    reason: "what a command says of /srv/made is not known before the run has changed that",
  });
});

test("what a command does is not known: what fails for it depends on it, and what does not is told", async () => {
  const resources = [
    of("exec", "makes", { command: "make /opt/x", creates: "/opt/x" }),
    file("in", { target_path: "/opt/x/f", content: "x" }, { needs: [0] }),
    file("after", { target_path: "/opt/x/g", content: "x" }, { needs: [1] }),
    file("beside", { content: "x" }, { needs: [0] }),
    file("astray", { target_path: "/opt/x/h", content: "x" }),
  ];
  const rows = await run({ files: { "/srv/x": "" } }, resources, true);
  expect(rows.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ["pending", undefined],
    ["pending", "depends on makes, which is pending"],
    ["pending", "depends on in, which is pending"],
    ["pending", undefined],
    ["failed", expect.stringContaining("its folder is not there")],
  ]);
});
