import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import net from "node:net";
import { machine } from "../../../src/modes/agent/machine/machine.ts";
import { refusal } from "./workshop.ts";

const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
const sha256 = createHash("sha256").update(body).digest("hex");
/** Ranges that were asked for, in order. */
const asked: string[] = [];
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") return new Response(new ReadableStream({ start: () => {} }));
    if (pathname === "/503") return new Response("", { status: 503 });
    if (pathname === "/headers") return new Response(request.headers.get("x-mine"));
    return pathname === "/file" ? new Response(body) : new Response("", { status: 404 });
  },
});

/** Breaks every transfer after 60,000 bytes, and knows ranges. */
const breaking = net.createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("data", (data) => {
    const range = /range: bytes=(\d+)-/i.exec(data.toString())?.[1];
    asked.push(range ?? "all");
    const from = Number(range ?? 0);
    const rest = body.subarray(from);
    const head =
      range === undefined
        ? "200 OK"
        : `206 Partial Content\r\nContent-Range: bytes ${from}-${body.length - 1}/${body.length}`;
    socket.write(`HTTP/1.1 ${head}\r\nETag: "one"\r\nContent-Length: ${rest.length}\r\n\r\n`);
    // A break right behind the last byte may take these with it: the client has a moment to read them.
    socket.write(rest.subarray(0, 60_000), () => setTimeout(() => socket.end(), 30));
  });
});
await new Promise<void>((listening) => breaking.listen(0, "127.0.0.1", listening));
const { port } = breaking.address() as net.AddressInfo;
afterAll(async () => {
  breaking.close();
  await server.stop(true);
});

const host = machine({ fetch: { mostBytes: 250_000, silenceMs: 300 } });
const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const whole = async (stream: Promise<ReadableStream<Uint8Array>>) =>
  Buffer.from(await new Response(await stream).arrayBuffer());

describe("fetch", () => {
  test("gives the whole body, proven", async () => {
    expect(
      Buffer.compare(await whole(host.fetch(url("/file"), { sha256: sha256.toUpperCase() })), body),
    ).toBe(0);
    expect(
      (await whole(host.fetch(url("/headers"), { headers: { "x-mine": "a" } }))).toString(),
    ).toBe("a");
  });

  test("refuses another body at its end", async () => {
    const wrong = whole(host.fetch(url("/file"), { sha256: "0".repeat(64) }));
    expect(await refusal(wrong)).toContain(
      `is not the file that was declared: its sha256 is ${sha256}`,
    );
  });

  test("says what the other side answered", async () => {
    expect(await refusal(host.fetch(url("/no")))).toContain("the server answered 404");
    expect(host.fetch(url("/503"))).rejects.toMatchObject({ failure: "unavailable" });
    expect(await refusal(host.fetch("file:///etc/passwd"))).toContain("only http and https");
    expect(host.fetch("http://127.0.0.1:1/")).rejects.toMatchObject({ failure: "unavailable" });
  });

  test("does not wait for ever, nor take any size", async () => {
    expect(await refusal(whole(host.fetch(url("/slow"))))).toContain("nothing came for 0.3 s");
    const small = machine({ fetch: { mostBytes: 1000 } });
    expect(await refusal(whole(small.fetch(url("/file"))))).toContain("is larger than 1000 bytes");
  });

  test("goes on where a transfer broke", async () => {
    asked.length = 0;
    const got = await whole(host.fetch(`http://127.0.0.1:${port}/`, { sha256, resume: true }));
    expect(Buffer.compare(got, body)).toBe(0);
    expect(asked).toEqual(["all", "60000", "120000", "180000"]);
    await refusal(whole(host.fetch(`http://127.0.0.1:${port}/`, { sha256 })));
  });
});
