/** A large body leaves in pieces, and who waits is told of each; what arrives is the same. */
import { afterAll, expect, test } from "bun:test";
import { publishConfig } from "../../../src/core/api/publish.ts";
import { client } from "../../../src/modes/cli/client.ts";

let received = { length: "", text: "" };
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    received = {
      length: request.headers.get("content-length") ?? "none",
      text: await request.text(),
    };
    return Response.json({ outcome: "refused", problems: [], warnings: [], over: [] });
  },
});
afterAll(() => server.stop(true));

const body = (tree: string) => ({ tree, message: "ü", source: "x", yes: false, replace: false });

async function sent(tree: string) {
  const told: (readonly [number, number])[] = [];
  const call = client({ url: `http://127.0.0.1:${server.port}` });
  const input = { params: {}, body: body(tree) } as Parameters<
    typeof call<typeof publishConfig>
  >[1];
  const answer = await call(publishConfig, input, (...so) => told.push(so));
  expect(answer.outcome).toBe("refused");
  expect(JSON.parse(received.text)).toEqual(body(tree));
  return told;
}

test("what is large is told of piece by piece, and arrives whole", async () => {
  const told = await sent("x".repeat(300_000));
  const all = Number(received.length);
  expect(all).toBe(Buffer.byteLength(received.text));
  expect(told.map(([bytes]) => bytes).slice(0, 3)).toEqual([0, 65_536, 131_072]);
  expect(told.every(([, of]) => of === all)).toBe(true);
  expect(told.length).toBe(Math.ceil(all / 65_536) + 1);
});

test("what is small leaves at once", async () => {
  expect(await sent("x")).toEqual([]);
});
