/**
 * Good requests with mistakes in them, by the thousand, to a server in a process of its own: it neither ends nor hangs nor grows,
 * has no answer that says "internal", and serves the next honest caller. `VIGO_TEST_SEED` repeats a run.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { type ClientHttp2Session, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { endpoints } from "../../src/core/api/index.ts";
import { newCertificateRequest } from "../../src/core/pki/csr.ts";
import { sign, signingKey } from "../../src/core/pki/keys.ts";
import {
  CertificateRequestSchema,
  CheckInRequestSchema,
  CheckInSchema,
  RunReportsSchema,
  SecretRefsSchema,
} from "../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { methods, renewalMessage, serverName } from "../../src/core/wire/service.ts";
import { signEnvelope } from "../../src/core/wire/signed.ts";
import { frame } from "../../src/modes/server/grpc/framing.ts";
import { type Home, homeAt } from "../../src/modes/server/home.ts";
import { callChild, freePorts, startChild } from "../integration/server/child.ts";
import { enrolBody, envoyKey } from "../integration/server/world.ts";
import { removeRoom } from "../support/remove-room.ts";
import { Chance, mutatedBytes, mutatedJson, nastyTexts, sample } from "./mutator.ts";

const all = process.env["VIGO_TEST_ALL"] === "1";
/** Half over each door. */
const requests = all ? 100_000 : 2_000;
const lanes = 8;
const patienceMs = 20_000;
const beatMs = 500;
const seed = Number(process.env["VIGO_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let folder: string;
let home: Home;
let child: ReturnType<typeof startChild>;
let ports: { readonly grpc: number; readonly api: number };
let bearer: string;
let ca: string;
let envoy: { id: string; serverId: string; certificate: string; key: string };
const signing = envoyKey();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vigo-mutated-"));
  home = homeAt(folder, {});
  await writeFile(home.config, freePorts);
  child = startChild(home);
  ports = await child.ready;
  bearer = (await readFile(home.localToken, "utf8")).trim();
  ca = await readFile(join(home.tls, "ca.pem"), "utf8");
  const { body } = await callChild(home, ports.api, "POST", "/tokens", { uses: 1 });
  const { csr, key } = await newCertificateRequest("mutated");
  const asked = await enrolBody(String(body["token"]), "mutated", signing, csr);
  const made = (await callChild(home, ports.api, "POST", "/enroll", asked)).body;
  const text = (field: string) => String(made[field]);
  envoy = {
    id: text("envoy_id"),
    serverId: text("server_id"),
    certificate: text("certificate"),
    key,
  };
}, 60_000);
afterAll(async () => {
  child.kill("SIGKILL");
  await child.exited;
  await removeRoom(folder);
});

/** Resident KiB and open files of the server. */
async function burden(): Promise<{ readonly resident: number; readonly files: number }> {
  const pid = (JSON.parse(await readFile(home.ports, "utf8")) as { readonly pid: number }).pid;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const files = (await readdir(`/proc/${pid}/fd`)).length;
  return { resident: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]), files };
}

async function lanesOf(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (left-- > 0) await work();
    }),
  );
}

/** A first part warms it up; after it the server may grow by what is kept for good, and by no more. */
async function withoutGrowth(count: number, work: () => Promise<void>): Promise<void> {
  await lanesOf(Math.ceil(count / 2), work);
  const before = await burden();
  await lanesOf(Math.floor(count / 2), work);
  const after = await burden();
  expect(after.files).toBeLessThan(before.files + 30);
  expect(after.resident - before.resident).toBeLessThan(120 * 1024);
}

/** Counted in beats: a machine that sleeps in between, or is stopped for a measurement, sleeps for both sides. */
const within = <T>(what: string, work: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>();
  let beats = 0;
  const timer = setInterval(() => {
    if (++beats * beatMs < patienceMs) return;
    late.reject(new Error(`no answer within ${patienceMs} ms (seed ${seed}): ${what}`));
  }, beatMs);
  return Promise.race([work, late.promise]).finally(() => clearInterval(timer));
};

test(
  "gRPC",
  async () => {
    const chance = new Chance(seed);
    const link = new Link();
    const statuses: Record<string, number> = {};
    await withoutGrowth(requests / 2, async () => {
      const { method, message } = await badCall(chance);
      const hex = Buffer.from(message).toString("hex").slice(0, 2_000);
      const status = await within(`${method} ${hex}`, link.send(method, message));
      statuses[status] = (statuses[status] ?? 0) + 1;
      // 2 unknown, 13 internal, 14 unavailable: all three would be ours to explain.
      if (["2", "13", "14"].includes(status))
        throw new Error(`status ${status} (seed ${seed}): ${method} ${hex}\n${child.log()}`);
    });
    link.close();
    // Some get through, and some are stopped at every door: else the mistakes are too coarse or too fine.
    for (const status of ["0", "3", "16"])
      expect([status, statuses[status]]).not.toContain(undefined);
    await served();
  },
  all ? 3_600_000 : 240_000,
);

test(
  "REST",
  async () => {
    const chance = new Chance(seed);
    const seen = new Set<number>();
    await withoutGrowth(requests / 2, async () => {
      const { path, init } = badRequest(chance);
      const what = `${init.method} ${path} ${String(init.body).slice(0, 2_000)}`;
      const url = `https://localhost:${ports.api}${path}`;
      const response = await within(what, fetch(url, { ...init, tls: { ca }, redirect: "manual" }));
      const text = await response.text();
      seen.add(response.status);
      if (response.status >= 500)
        throw new Error(`HTTP ${response.status} ${text} (seed ${seed}): ${what}\n${child.log()}`);
      // Nobody is sent elsewhere, and a refusal is one of ours.
      expect([what, response.status >= 300 && response.status < 400]).toEqual([what, false]);
      if (response.status >= 400 && text !== "") expect(text).toMatch(/^(\{"error":\{"code":|\S)/);
    });
    for (const status of [200, 400, 404]) expect(seen).toContain(status);
    await served();
  },
  all ? 3_600_000 : 240_000,
);

/** The next honest caller. */
async function served(): Promise<void> {
  const { status, body } = await callChild(home, ports.api, "GET", "/doctor");
  expect(status).toBe(200);
  const checks = body["checks"] as { name: string; result: string }[];
  const named = (name: string) => checks.find((check) => check.name === name)?.result;
  expect([named("database"), named("audit")]).toEqual(["pass", "pass"]);
  expect(child.log()).not.toContain("request failed");
  expect(child.log()).not.toContain("a call failed");
}

/** One connection; the next call opens another when the server has had enough of it. */
class Link {
  #session: ClientHttp2Session | undefined;

  send(method: string, message: Uint8Array): Promise<string> {
    const session = this.#open();
    return new Promise((resolve) => {
      const stream = session.request({
        ":method": "POST",
        ":path": method,
        "content-type": "application/grpc+proto",
        te: "trailers",
      });
      let status = "cut";
      const read = (sent: { readonly [name: string]: unknown }) => {
        status = String(sent["grpc-status"] ?? status);
      };
      stream.on("response", read);
      stream.on("trailers", read);
      stream.on("error", () => "told by close");
      stream.on("close", () => resolve(status));
      stream.resume();
      stream.end(message);
    });
  }

  close(): void {
    this.#session?.destroy();
  }

  #open(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed)
      return this.#session;
    const { certificate: cert, key } = envoy;
    const session = connect(`https://127.0.0.1:${ports.grpc}`, {
      ca,
      cert,
      key,
      servername: serverName,
    });
    session.on("error", () => "told by the calls under way");
    this.#session = session;
    return session;
  }
}

let sequence = BigInt(Date.now()) * 1000n;

/** Mistakes outside the signature, or inside: then they are this envoy's own word, and reach what reads it. */
async function badCall(chance: Chance): Promise<{ method: string; message: Uint8Array }> {
  const { method, payload } = await goodPayload(chance);
  const inside = chance.is(0.6);
  const signed = signEnvelope(
    {
      method,
      envoyId: envoy.id,
      serverId: envoy.serverId,
      timestampMs: BigInt(Date.now()),
      sequence: ++sequence,
      payload: inside ? mutatedBytes(chance, payload) : payload,
    },
    signingKey(signing.seed),
  );
  const request = toBinary(CheckInRequestSchema, create(CheckInRequestSchema, { signed }));
  if (inside) return { method, message: frame(request) };
  const framed = chance.is(0.7);
  const bytes = mutatedBytes(chance, framed ? request : frame(request));
  const elsewhere = chance.is(0.1) ? `/vigo.v1.AgentService/${chance.of(later)}` : method;
  return { method: elsewhere, message: framed ? frame(bytes) : bytes };
}

const later = ["Stream", "Tunnel", "FetchBlob", "Nothing"];

async function goodPayload(chance: Chance): Promise<{ method: string; payload: Uint8Array }> {
  const made = <D extends DescMessage>(
    method: string,
    schema: D,
    init: MessageInitShape<D>,
  ): { method: string; payload: Uint8Array } => ({
    method,
    payload: toBinary(schema, create(schema, init)),
  });
  const number = () => chance.of([0n, 1n, 2n, 77n, 2n ** 53n, 2n ** 63n - 1n]);
  const span = () => ({
    first: number(),
    last: number(),
    firstAtMs: number(),
    lastAtMs: number(),
  });
  const ways = [
    () =>
      made(methods.checkIn, CheckInSchema, {
        agentVersion: chance.of(nastyTexts.filter((text) => text.isWellFormed())),
        hostname: chance.of(nastyTexts.filter((text) => text.isWellFormed())),
        bootId: "b1",
        machineId: "m1",
        policyVersion: number(),
        bodyDigest: new Uint8Array(chance.of([0, 1, 32, 33])),
        traitsRoot: new Uint8Array(chance.of([0, 1, 32])),
        sections: [
          { name: chance.of(["os", "memory", "no such"]), value: Buffer.from('{"distro":"x"}') },
        ],
        openSpan: span(),
      }),
    () =>
      made(methods.reportRuns, RunReportsSchema, {
        reports: [
          { report: { case: "span", value: span() } },
          {
            report: {
              case: "run",
              value: {
                number: number(),
                policyVersion: number(),
                startedAtMs: number(),
                outcome: chance.below(8),
                resources: [
                  {
                    key: "a",
                    type: "file",
                    outcome: chance.below(8),
                    changes: [{ field: "mode", to: "1", cause: chance.below(5) }],
                  },
                ],
              },
            },
          },
        ],
      }),
    () =>
      made(methods.resolveSecrets, SecretRefsSchema, {
        refs: [0, 1, 2 ** 32 - 1],
        bodyDigest: new Uint8Array(32),
      }),
  ];
  // A good one gives a certificate, which costs; its request is what the mistakes are made in.
  if (!chance.is(0.1)) return chance.of(ways)();
  const { csr } = await newCertificateRequest("x");
  const csrSignature = sign(renewalMessage(csr), signingKey(signing.seed));
  return made(methods.renewCertificate, CertificateRequestSchema, { csr, csrSignature });
}

/** All but those after which the run could not go on: a session that has ended, and another authority than the one asked for. */
const named = endpoints.filter(
  ({ method, path }) => path !== "/logout" && (method === "GET" || !path.startsWith("/server/ca")),
);

interface BadRequest {
  readonly path: string;
  readonly init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
  };
}

function badRequest(chance: Chance): BadRequest {
  const { method, path, query, body } = chance.of(named);
  const place = path.replace(/:\w+/g, () => encodeURIComponent(nasty(chance, "mutated")));
  const asked = query === undefined ? {} : (sample(chance, query) as Record<string, unknown>);
  const pairs = Object.entries((mutatedJson(chance, asked) ?? {}) as Record<string, unknown>).map(
    ([key, value]) => `${encodeURIComponent(safe(key))}=${encodeURIComponent(textOf(value))}`,
  );
  const headers: Record<string, string> = {};
  if (!chance.is(0.1)) headers["authorization"] = `Bearer ${chance.is(0.05) ? "x" : bearer}`;
  if (chance.is(0.05)) headers["content-type"] = "text/html";
  const where = `/api/v1${place}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
  if (method === "GET") return { path: where, init: { method, headers } };
  const text = JSON.stringify(mutatedJson(chance, body === undefined ? {} : sample(chance, body)));
  const sent = chance.is(0.2)
    ? Buffer.from(mutatedBytes(chance, Buffer.from(text))).toString("latin1")
    : text;
  return { path: where, init: { method, headers, body: sent } };
}

const safe = (text: string): string => text.toWellFormed();
const nasty = (chance: Chance, good: string): string =>
  safe(chance.is(0.3) ? good : chance.of(nastyTexts));
const textOf = (value: unknown): string =>
  safe(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
