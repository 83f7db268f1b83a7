import { afterAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import { whyUnreached } from "../../src/core/unreached.ts";

const cut = createServer((socket) => socket.destroy());
await new Promise<void>((listening) => cut.listen(0, "127.0.0.1", listening));
const { port } = cut.address() as { readonly port: number };
const elsewhere = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  fetch: (request) =>
    new URL(request.url).pathname === "/slow"
      ? new Promise<Response>(() => {})
      : new Response("", { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
});
afterAll(() => {
  cut.close();
  return elsewhere.stop(true);
});

const rows: readonly (readonly [url: string, why: string])[] = [
  ["http://127.0.0.1:1/T0KEN", "nobody listens there"],
  ["http://nobody.invalid/T0KEN", "there is no such host"],
  [`http://127.0.0.1:${port}/T0KEN`, "the connection was cut"],
  [`http://127.0.0.1:${elsewhere.port}/T0KEN`, "it redirects, and that is not followed"],
  [`http://127.0.0.1:${elsewhere.port}/slow`, "no answer in time"],
  [`https://127.0.0.1:${elsewhere.port}/T0KEN`, "it speaks no TLS there"],
];

test.each(rows)("%s: %s", async (url, why) => {
  const signal = AbortSignal.timeout(url.endsWith("/slow") ? 100 : 10_000);
  const failed = await fetch(url, { redirect: "error", signal }).catch(whyUnreached);
  expect(failed).toBe(why);
});

test.each([
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "no authority that this machine knows"],
  ["CERT_HAS_EXPIRED", "its certificate has ended"],
  ["E_NEVER_SEEN", "E_NEVER_SEEN"],
])("%s: %s", (code, why) => {
  const error = Object.assign(new Error("https://x/T0KEN failed"), { code });
  expect(whyUnreached(error)).toContain(why);
  expect(whyUnreached(error)).not.toContain("T0KEN");
});
