/** What envoys answer to a query, whatever it is: as much as each may say, as deep as it can be read, once; and what is counted of it. */
import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import type { QueryEvent } from "../../../src/core/api/query.ts";
import { parseQuery } from "../../../src/core/query/parse.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { QueryAnswerSchema } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import type { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import { Asking } from "../../../src/modes/server/queries/asking.ts";
import { QueryTally } from "../../../src/modes/server/queries/tally.ts";
import { Tally } from "../../../src/modes/server/tally.ts";

const envoy = { id: "e1", row: { hostname: "web-1" } } as unknown as Envoy;
const answerLimit = 1_000;

/** What is told of one answer. */
async function said(text: string): Promise<readonly QueryEvent[]> {
  const query = parseQuery("os.family", traits);
  const asking = new Asking({
    ...{ id: "q", envoys: [envoy], tally: new QueryTally(query, 1, 10), paths: 1, answerLimit },
    waitMs: 60_000,
    mayAnswer: () => true,
    excuse: () => "silent",
    ended: () => {},
  });
  const values = new TextEncoder().encode(text);
  asking.take(envoy, create(QueryAnswerSchema, { queryId: "q", values }));
  asking.take(envoy, create(QueryAnswerSchema, { queryId: "q", error: "a second time" }));
  return Array.fromAsync(asking.events());
}

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

test.each<[string, string, string | undefined]>([
  ["a value", '["debian"]', undefined],
  ["as much as it may say", JSON.stringify(["x".repeat(answerLimit - 4)]), undefined],
  ["more", JSON.stringify(["x".repeat(answerLimit - 3)]), "more than 1000 bytes"],
  ["as deep as it can be read", nested(64), undefined],
  ["deeper", nested(65), "cannot be read"],
  ["brackets in a text", JSON.stringify([nested(200)]), undefined],
  ["other values than were asked for", "[1,2]", "cannot be read"],
  ["no JSON", "[", "cannot be read"],
])("%s", async (_, text, why) => {
  const events = await said(text);
  expect(events.map(({ kind }) => kind).filter((kind) => kind !== "progress")).toEqual([
    why === undefined ? "row" : "missing",
    "end",
  ]);
  if (why !== undefined) expect(JSON.stringify(events[0])).toContain(why);
});

test("so many different things are counted, and of those that are, all", () => {
  const tally = new Tally();
  for (let n = 0; n < 50_010; n++) tally.add(`${n}`);
  for (const what of ["7", "50005"]) tally.add(what);
  expect([tally.size, tally.most(1)]).toEqual([50_000, [["7", 2]]]);
});
