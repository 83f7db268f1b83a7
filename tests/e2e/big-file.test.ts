/**
 * A `file` whose content comes from an address and is far bigger than what the program may hold: it is streamed, goes on where the
 * other side hung up, and counts only with the right digest. 160 MB here, 1 GB with `VIGO_TEST_ALL=1`.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeRoom } from "../support/remove-room.ts";

const MiB = 1024 * 1024;
const total = (process.env["VIGO_TEST_ALL"] === "1" ? 1024 : 160) * MiB;

/** Each block is another one, so that a transfer that goes on in the wrong place is another file. */
function block(n: number): Buffer {
  const bytes = Buffer.alloc(MiB, `${n} is the number of this block. `);
  bytes.writeUInt32BE(n, 0);
  return bytes;
}

function digest(): string {
  const hash = createHash("sha256");
  for (let n = 0; n < total / MiB; n++) hash.update(block(n));
  return hash.digest("hex");
}

/** Where each answer began. */
const asked: number[] = [];

/** Hangs up twice, in the middle of a block after a third of the file. */
const server = net.createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("data", (data) => {
    const from = Number(/range: bytes=(\d+)-/i.exec(data.toString())?.[1] ?? 0);
    asked.push(from);
    const head =
      from === 0
        ? "200 OK"
        : `206 Partial Content\r\nContent-Range: bytes ${from}-${total - 1}/${total}`;
    socket.write(`HTTP/1.1 ${head}\r\nETag: "one"\r\nContent-Length: ${total - from}\r\n\r\n`);
    const upTo = asked.length > 2 ? total : from + Math.ceil(total / 3) + 12_345;
    void send(socket, from, upTo).then(() => setTimeout(() => socket.end(), 50));
  });
});

async function send(socket: net.Socket, from: number, upTo: number): Promise<void> {
  const closed = new Promise<void>((done) => socket.once("close", done));
  for (let at = from; at < upTo && !socket.destroyed;) {
    const n = Math.floor(at / MiB);
    const end = Math.min(upTo, (n + 1) * MiB);
    const more = socket.write(block(n).subarray(at - n * MiB, end - n * MiB));
    if (!more)
      await Promise.race([new Promise((drained) => socket.once("drain", drained)), closed]);
    at = end;
  }
}

let room: string;
const at = (...parts: readonly string[]) => join(room, ...parts);

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-big-"));
  await mkdir(at("stacks", "configcrates"), { recursive: true });
  await mkdir(at("files"));
  await writeFile(at("stacks", "envoys.vgo"), 'envoys: [{match: "*", configcrates: [big]}]\n');
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterAll(async () => {
  server.close();
  await removeRoom(room);
});

/** One run, and the most memory it held. */
async function apply(sha256: string) {
  const { port } = server.address() as net.AddressInfo;
  const file = `{ type: file, target_path: ${at("files", "big")}, source_url: "http://127.0.0.1:${port}/big", sha256: ${sha256} }`;
  await writeFile(
    at("stacks", "configcrates", "big.vgo"),
    `configcrate: big\nresources:\n  - ${file}\n`,
  );
  const binary = resolve(process.env["VIGO_BINARY"] ?? resolve(import.meta.dir, "../../dist/vigo"));
  const words = ["agent", "apply", at("stacks"), "--home", at("home"), "--hostname", "web"];
  const child = Bun.spawn([binary, ...words, "--json"], {
    cwd: room,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  if (!out.startsWith("{")) throw new Error(out + err);
  const { resources } = JSON.parse(out) as {
    readonly resources: readonly { readonly outcome: string; readonly reason?: string }[];
  };
  const most = child.resourceUsage()?.maxRSS ?? Number.POSITIVE_INFINITY;
  return { outcome: resources[0]?.outcome, reason: resources[0]?.reason, most };
}

/** It was asked for as a whole once, and then for what had not come yet; the last bytes before a break may be lost. */
function goesOn(): void {
  const [first, second = 0, third = 0] = asked;
  expect([asked.length, first]).toEqual([3, 0]);
  expect(second).toBeGreaterThan(total / 4);
  expect(third).toBeGreaterThan(second + total / 4);
}

test("comes in pieces, is held by nobody, and is written once", async () => {
  const sha256 = digest();
  const { outcome, reason, most } = await apply(sha256);
  expect({ outcome, reason }).toEqual({ outcome: "changed", reason: undefined });
  goesOn();
  const hash = new Bun.CryptoHasher("sha256");
  for await (const bytes of Bun.file(at("files", "big")).stream()) hash.update(bytes);
  expect(hash.digest("hex")).toBe(sha256);
  // Of memory it takes what it takes without the file, and some buffers that wait for the collector.
  const again = await apply(sha256);
  expect(again.outcome).toBe("ok");
  expect(asked).toHaveLength(3);
  expect(most - again.most).toBeLessThan(128 * MiB);
}, 300_000);

test("with another digest it is not taken, and nothing of it is left", async () => {
  asked.length = 0;
  const before = await stat(at("files", "big"));
  const { outcome, reason } = await apply("0".repeat(64));
  expect(outcome).toBe("failed");
  expect(reason).toContain("is not the file that was declared: its sha256 is ");
  goesOn();
  expect((await stat(at("files", "big"))).mtimeMs).toBe(before.mtimeMs);
  expect(await readdir(at("files"))).toEqual(["big"]);
}, 300_000);
