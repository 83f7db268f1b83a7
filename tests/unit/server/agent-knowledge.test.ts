/** Programs that envoys say they run: so many are remembered, and written down as soon as the database takes them. */
import { expect, test } from "bun:test";
import { sha256 } from "../../../src/core/pki/keys.ts";
import { AgentKnowledge } from "../../../src/modes/server/envoys/agent-knowledge.ts";
import { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import { envoy as row } from "../../integration/store/rows.ts";

const program = (n: number): Uint8Array =>
  new TextEncoder().encode(`{"types":{"t${n}":[]},"traits":{},"functions":[],"filters":[]}`);

test("one envoy that runs another program each time fills no memory, and takes nobody's place", () => {
  const [mallory, honest] = [new Envoy(row("e1")), new Envoy(row("e2"))];
  const knowledge = new AgentKnowledge(() => [mallory, honest]);
  const says = (envoy: Envoy, n: number) => knowledge.heard(envoy, sha256(program(n)), program(n));
  says(honest, 0);
  for (let n = 1; n <= 150; n++) says(mallory, n);
  expect(Object.keys(knowledge.of(honest)?.types ?? {})).toEqual(["t0"]);
  expect(Object.keys(knowledge.of(mallory)?.types ?? {})).toEqual(["t150"]);
  // Made room for: of the first ones nothing is known any more.
  knowledge.heard(mallory, sha256(program(1)), new Uint8Array());
  expect(knowledge.isWanted(mallory)).toBe(true);
});

test("as many as there is room for, when all of them are run", () => {
  const fleet = Array.from({ length: 101 }, (_, n) => new Envoy(row(`e${n}`)));
  const knowledge = new AgentKnowledge(() => fleet);
  for (const [n, envoy] of fleet.entries()) knowledge.heard(envoy, sha256(program(n)), program(n));
  expect(fleet.filter((envoy) => knowledge.isWanted(envoy)).map(({ id }) => id)).toEqual(["e100"]);
});

test("what the database did not take is written down when it does", async () => {
  const envoy = new Envoy(row("e1"), { agentVersion: "1.0.0" });
  const knowledge = new AgentKnowledge(() => [envoy]);
  knowledge.heard(envoy, sha256(program(1)), program(1));
  const kept: string[] = [];
  const locked = { set: async () => Promise.reject(new Error("locked")) };
  const open = { set: async (_: string, text: string) => void kept.push(text) };
  await expect(knowledge.keep(locked)).rejects.toThrow("locked");
  await knowledge.keep(open);
  await knowledge.keep(open);
  expect(kept).toHaveLength(1);
  expect(kept[0]).toContain("1.0.0");
});
