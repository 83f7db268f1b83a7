import { afterAll, beforeAll, expect, test } from "bun:test";
import { askHealth } from "../../../src/modes/server/tasks/ask-health.ts";

/** A real server on this machine, whom only a list lets be asked. */
let server: ReturnType<typeof Bun.serve>;
let other: ReturnType<typeof Bun.serve>;
let asked = 0;
beforeAll(() => {
  other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("fine") });
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ method, url }) => {
      asked++;
      const { pathname } = new URL(url);
      if (pathname === "/well") return new Response("fine");
      if (method === "HEAD" && pathname === "/gets") return new Response("", { status: 501 });
      if (pathname === "/gets") return new Promise<Response>(() => {});
      if (pathname === "/moved") return Response.redirect("/well");
      if (pathname === "/away") return Response.redirect(`http://localhost:${other.port}/`);
      if (pathname === "/inside") return Response.redirect("http://169.254.169.254/latest");
      return new Response("no", { status: 503 });
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  await other.stop(true);
});

const askAt = async (url: string, allow: readonly string[] = []) =>
  (await askHealth(() => allow)(url))?.why;
const ask = (path: string, allow: readonly string[] = ["loopback"]) =>
  askAt(`http://127.0.0.1:${server.port}${path}`, allow);

test("what answers well is well, also where it has moved to on the same host", async () => {
  expect(await ask("/well")).toBeUndefined();
  expect(await ask("/moved")).toBeUndefined();
  expect(await ask("/ill")).toBe("answers 503");
});

test("this machine is not asked unless it is listed", async () => {
  const before = asked;
  const why = "has the address 127.0.0.1, which is not asked unless publish.url_allow lists it";
  expect(await ask("/well", [])).toBe(why);
  expect(await askAt(`http://localhost:${server.port}/well`)).toStartWith("has the");
  for (const address of ["169.254.169.254", "[fe80::1]", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
    expect(await askAt(`http://${address}/`)).toContain("is not asked unless");
  expect(asked).toBe(before);
  // Time changes nothing about that: nobody waits for it.
  expect((await askHealth(() => [])("http://127.0.0.1/"))?.forGood).toBe(true);
  expect((await askHealth(() => ["loopback"])("http://127.0.0.1:1/"))?.forGood).toBeUndefined();
});

test("no redirect leads to another host", async () => {
  expect(await ask("/away")).toBe("redirects to another host, localhost");
  expect(await ask("/inside")).toBe("redirects to another host, 169.254.169.254");
});

test("what knows no HEAD, and never answers a GET, is said to be silent", async () => {
  expect(await ask("/gets")).toBe("did not answer within 5 s");
}, 15_000);

test("what is not there is not well", async () => {
  expect(await askAt("http://127.0.0.1:1/", ["loopback"])).toContain("does not answer");
  expect(await askAt("http://")).toBe("is no address");
});
