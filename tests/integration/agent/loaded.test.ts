/** A run that neither calls nor reads a policy pays for none of what that takes. */
import { expect, test } from "bun:test";
import { traits } from "../../../src/core/traits/index.ts";
import { machineFacts } from "../../../src/modes/agent/facts.ts";
import { world } from "../grpc/world.ts";
import { policyOf, realAgent, settle } from "./real-agent.ts";

const script = new URL("loaded-modules.ts", import.meta.url).pathname;

async function loadedBy(...words: readonly string[]): Promise<readonly string[]> {
  const child = Bun.spawn([process.execPath, script, ...words], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  expect(await child.exited).toBe(0);
  return JSON.parse(said.trim().split("\n").at(-1) ?? "");
}

const heavy = [
  "@bufbuild/protobuf",
  "@connectrpc/connect",
  "liquidjs",
  "yaml",
  "@marcbachmann/cel-js",
];

test("an offline run loads the cache, the schemas and little else", async () => {
  const w = await world({ traits });
  const agent = await realAgent();
  try {
    await settle(w, agent, await w.enrol("web-1", w.own, machineFacts().machineId));
    await w.publish(policyOf(agent, "one"));
    // By itself: the probe sees what it is to see.
    expect(await loadedBy("run", "--home", agent.home)).toEqual(
      expect.arrayContaining(["@bufbuild/protobuf", "@connectrpc/connect", "lmdb"]),
    );
    const loaded = await loadedBy("run", "--offline", "--home", agent.home);
    expect(loaded).toContain("lmdb");
    expect(loaded.filter((name) => heavy.includes(name) || name.startsWith("@peculiar"))).toEqual(
      [],
    );
  } finally {
    await agent.remove();
    await w.close();
  }
}, 30_000);

test("to tell all traits of a Linux machine, nothing is loaded that is for another system", async () => {
  const loaded = await loadedBy("traits", "--json", "--home", "/nonexistent");
  expect(loaded).toContain("src/core/traits/memory.ts");
  expect(loaded.filter((file) => /darwin|windows|tools\/mac-/.test(file))).toEqual([]);
}, 30_000);
