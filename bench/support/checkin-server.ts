/**
 * A server process for the check-in bench, told over the process channel what to be: `vigo` is port 1530 with everything real
 * behind it; `echo` is the least that could be called gRPC with a verified signature, to compare with.
 */
import files from "node:fs/promises";
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { keyId, newKeyPair, signingKey, verifyKey } from "../../src/core/pki/keys.ts";
import { publishTree } from "../../src/core/publish/publish.ts";
import { sysctl } from "../../src/core/resources/sysctl.ts";
import { traits } from "../../src/core/traits/index.ts";
import { CheckInRequestSchema, type Signed } from "../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { methods } from "../../src/core/wire/service.ts";
import { verifyEnvelope } from "../../src/core/wire/signed.ts";
import { Fleet } from "../../src/modes/server/envoys/fleet.ts";
import { frame, unframe } from "../../src/modes/server/grpc/framing.ts";
import { startGrpc } from "../../src/modes/server/grpc/server.ts";
import { tlsOptions } from "../../src/modes/server/grpc/tls.ts";
import { LivePolicy } from "../../src/modes/server/policy/live.ts";
import { EnvoySecrets } from "../../src/modes/server/secrets/envoy-secrets.ts";
import { Secrets } from "../../src/modes/server/secrets/secrets.ts";
import { openStore } from "../../src/modes/server/store/sqlite/open.ts";
import type { BenchEnvoy, BenchWorld } from "./checkin-world.ts";

export interface Start {
  readonly be: "vigo" | "echo";
  readonly world: BenchWorld;
}

/** Since the process began; memory in bytes. */
export interface Usage {
  readonly cpuMicros: number;
  readonly anonymous: number;
}

const stacks = {
  "envoys.vgo": 'envoys:\n  - {match: "*", configcrates: [kernel]}\n',
  "configcrates/kernel.vgo":
    "configcrate: kernel\nresources:\n  - {type: sysctl, key: net.ipv4.ip_forward, value: 1}\n",
};

async function vigo({ world: { serverId, tls, envoys } }: Start): Promise<number> {
  const home = await files.mkdtemp(join(tmpdir(), "vigo-bench-"));
  process.on("exit", () =>
    Bun.spawnSync(["sh", "-c", 'chmod -R u+w "$1" && rm -rf "$1"', "sh", home]),
  );
  const store = await openStore(join(home, "vigo.db"));
  const tree = new Map(Object.entries(stacks).map(([path, text]) => [path, Buffer.from(text)]));
  const publication = {
    tree: { files: tree },
    actor: "",
    message: "",
    source: "",
    now: new Date(),
  };
  await publishTree(files, home, publication, { self: "bench", isAlive: () => true });
  const log = { info() {}, warn: console.error, error: console.error };
  const signing = newKeyPair();
  const fleet = await Fleet.load(store, {
    intervalMs: 300_000,
    offline: { factor: 2.5 },
    divergedAfter: 3,
    traits,
  });
  const policy = await LivePolicy.open({
    home,
    registries: { resources: [sysctl], traits },
    traits: store.traits,
    signing: { id: keyId(signing.publicKey), key: signingKey(signing.seed) },
    bundleMaxAgeMs: 0,
    log,
  });
  const audit = { at: 0, actor: "bench", action: "enrol", subject: "", detail: null };
  for (const envoy of envoys.map(row)) {
    await store.envoys.enrol({ envoy, use: undefined, requestId: undefined, audit });
    fleet.add(envoy);
  }
  setInterval(() => void fleet.flush(store), 10_000);
  const renew = () => Promise.reject(new Error("nobody renews here"));
  const secrets = await Secrets.open(`${home}/secrets`, `${home}/master.key`, (error) => {
    throw error;
  });
  const grpc = await startGrpc({
    secrets: new EnvoySecrets(secrets, () => undefined),
    port: 0,
    host: "127.0.0.1",
    tls,
    serverId,
    fleet,
    policy,
    store,
    traits,
    renew,
    wantsRenewal: () => false,
    log,
  });
  return grpc.port;
}

const row = ({ id, publicKey, fingerprint }: BenchEnvoy) => ({
  id,
  hostname: id,
  publicKey: new Uint8Array(Buffer.from(publicKey, "base64")),
  certificate: fingerprint,
  previousCertificate: undefined,
  certificateExpiresAt: 0,
  enrolledAt: Date.now(),
  tokenId: undefined,
  revokedAt: undefined,
  machineId: "bench",
  platform: "linux",
  arch: "amd64",
});

/** Reads one message, verifies its signature, sends sixteen bytes back; no certificate, id, clock or sequence is looked at. */
async function echo({ world: { serverId, tls, envoys } }: Start): Promise<number> {
  const keys = new Map(
    envoys.map(({ id, publicKey }) => [id, verifyKey(Buffer.from(publicKey, "base64"))]),
  );
  const reply = frame(Buffer.alloc(16));
  const answer = (stream: ServerHttp2Stream, received: Buffer) => {
    const message = unframe(received, 1_000_000) as Uint8Array;
    const signed = fromBinary(CheckInRequestSchema, message).signed as Signed;
    const key = keys.get(signed.envoyId);
    const good = key !== undefined && verifyEnvelope(signed, methods.checkIn, serverId, key);
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": good ? "0" : "16" }));
    stream.end(reply);
  };
  const server = createSecureServer(tlsOptions(tls));
  server.on("session", (session) => session.on("error", () => {}));
  server.on("stream", (stream: ServerHttp2Stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => answer(stream, Buffer.concat(chunks)));
    stream.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return (server.address() as AddressInfo).port;
}

async function usage(): Promise<Usage> {
  Bun.gc(true);
  const { user, system } = process.cpuUsage();
  const rollup = await files.readFile("/proc/self/smaps_rollup", "utf8");
  const anonymous = Number(/^Anonymous:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1024;
  return { cpuMicros: user + system, anonymous };
}

process.on("message", async (message: Start | "usage" | "cpu") => {
  const { user, system } = process.cpuUsage();
  if (message === "cpu") process.send?.({ cpuMicros: user + system, anonymous: 0 } satisfies Usage);
  else if (message === "usage") process.send?.(await usage());
  else process.send?.(await (message.be === "vigo" ? vigo : echo)(message));
});
process.on("disconnect", () => process.exit(0));
