/** What the agent obeys and what it refuses, on its real state; the server is played by its own sealing functions. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Body } from "../../../src/core/bundle/body.ts";
import { sealTicket } from "../../../src/core/bundle/seal.ts";
import { keyId, newKeyPair, signingKey } from "../../../src/core/pki/keys.ts";
import { BundleKeeper } from "../../../src/modes/agent/bundle-keeper.ts";
import { type Cache, openCache } from "../../../src/modes/agent/cache.ts";
import { type Identity, readFloor, writeFloor } from "../../../src/modes/agent/identity.ts";
import { encodeBody } from "../../support/encode-body.ts";

const envoy = "11111111-1111-4111-8111-111111111111";
const keys = newKeyPair();
const strangers = newKeyPair();
const start = Date.parse("2026-01-01T00:00:00Z");

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-bundle-"));
});
afterAll(() => rm(room, { recursive: true, force: true }));

const identity: Identity = {
  about: {
    envoy_id: envoy,
    hostname: "web-1",
    server_id: envoy,
    servers: ["localhost:1530"],
    api: "localhost:8443",
  },
  bundleKeys: [
    { id: keyId(keys.publicKey), public_key: Buffer.from(keys.publicKey).toString("base64") },
  ],
  certificate: "",
  key: "",
  ca: "",
  seed: keys.seed,
};

const bodyOf = (content: string): Body => ({
  format: 1,
  secrets: [],
  resources: [{ key: "a", type: "file", params: { content } }],
});

interface Wish {
  readonly body?: Body;
  readonly version?: number;
  readonly issued?: number;
  readonly expires?: number;
  readonly envoyId?: string;
  readonly pair?: typeof keys;
  /** Only the ticket travels. */
  readonly bare?: boolean;
}

function offer(wish: Wish = {}) {
  const { body = bodyOf("x"), version = 5, issued = start, expires = 0 } = wish;
  const { envoyId = envoy, pair = keys, bare = false } = wish;
  const { bytes, digest } = encodeBody(body);
  const ticket = sealTicket(
    {
      keyId: keyId(pair.publicKey),
      envoyId,
      policyVersion: BigInt(version),
      issuedAtMs: BigInt(issued),
      expiresAtMs: BigInt(expires),
      bodyDigest: digest,
    },
    signingKey(pair.seed),
  );
  return { ticket, body: bare ? new Uint8Array() : bytes };
}

interface Agent {
  readonly keeper: BundleKeeper;
  readonly cache: Cache;
  readonly home: string;
  readonly said: string[];
  at: number;
  /** As after a restart. */
  again(): Promise<Agent>;
}

async function agentIn(home = join(room, crypto.randomUUID()), at = start): Promise<Agent> {
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const cache = await openCache(home);
  const clock = { at };
  const context = {
    home,
    log: { info: say, warn: say, error: say },
    now: () => new Date(clock.at),
  };
  const keeper = await BundleKeeper.open(context, identity, cache);
  return {
    keeper,
    cache,
    home,
    said,
    get at() {
      return clock.at;
    },
    set at(to) {
      clock.at = to;
    },
    again: async () => {
      await cache.close();
      return agentIn(home, clock.at);
    },
  };
}

test("what is accepted is enforced, also after a restart, and the floor is beside the certificate", async () => {
  const first = await agentIn();
  expect(first.keeper.isEmpty).toBe(true);
  expect(() => first.keeper.usable()).toThrow("there is no bundle to enforce yet");
  expect(await first.keeper.accept(offer())).toBe("bundle");
  expect(await readFloor(first.home)).toEqual({ policyVersion: 5n, issuedAtMs: BigInt(start) });
  const later = await first.again();
  expect(later.keeper.usable().body).toEqual(bodyOf("x"));
  expect([later.keeper.policyVersion, later.said]).toEqual([5n, []]);
  await later.cache.close();
});

test.each<[string, Wish, RegExp]>([
  ["an older version", { version: 4, body: bodyOf("old") }, /older than 5/],
  ["the same version issued earlier", { issued: start - 1 }, /older than 5/],
  ["another envoy's", { envoyId: "2".repeat(36) }, /it is for envoy/],
  ["a stranger's key", { version: 9, pair: strangers }, /does not trust/],
  ["an expired one", { version: 9, expires: start }, /it expired at/],
])("refuses %s, and what was in force stays", async (_, wish, reason) => {
  const agent = await agentIn();
  await agent.keeper.accept(offer());
  await expect(agent.keeper.accept(offer(wish))).rejects.toThrow(reason);
  expect(agent.keeper.usable().body).toEqual(bodyOf("x"));
  expect((await readFloor(agent.home)).policyVersion).toBe(5n);
  await agent.cache.close();
});

test("a signature over other bytes is refused", async () => {
  const agent = await agentIn();
  const { ticket, body } = offer();
  const wrong = { ...ticket, ticket: offer({ version: 6 }).ticket.ticket };
  await expect(agent.keeper.accept({ ticket: wrong, body })).rejects.toThrow("signature is wrong");
  const other = encodeBody(bodyOf("y")).bytes;
  await expect(agent.keeper.accept({ ticket, body: other })).rejects.toThrow("not the one");
  await agent.cache.close();
});

test("a ticket alone is enough for a body that is here, and asks for one that is not", async () => {
  const agent = await agentIn();
  expect(await agent.keeper.accept(offer({ bare: true }))).toBe("body wanted");
  expect(agent.keeper.digest).toBeUndefined();
  await agent.keeper.accept(offer());
  expect(await agent.keeper.accept(offer({ version: 6, bare: true }))).toBe("ticket");
  expect(agent.keeper.policyVersion).toBe(6n);
  await agent.cache.close();
});

test("an expired bundle is not enforced, in this run or after a restart, until a fresh ticket comes", async () => {
  const agent = await agentIn();
  await agent.keeper.accept(offer({ expires: start + 1000 }));
  agent.at = start + 1000;
  expect(() => agent.keeper.usable()).toThrow("expired");
  const later = await agent.again();
  expect(later.said).toEqual(["the kept bundle is not enforced"]);
  expect(() => later.keeper.usable()).toThrow("expired");
  expect(later.keeper.isEmpty).toBe(false);
  const fresh = offer({ bare: true, issued: start + 1000, expires: start + 9000 });
  expect(await later.keeper.accept(fresh)).toBe("bundle");
  expect(later.keeper.usable().body).toEqual(bodyOf("x"));
  await later.cache.close();
});

test("a state restored from a backup does not bring an older bundle back", async () => {
  const agent = await agentIn();
  await agent.keeper.accept(offer());
  await writeFloor(agent.home, { policyVersion: 8n, issuedAtMs: BigInt(start) });
  const later = await agent.again();
  expect(() => later.keeper.usable()).toThrow("older than 8");
  await later.cache.close();
});

test("a body that was tampered with at rest is refused and fetched again", async () => {
  const agent = await agentIn();
  const good = offer();
  await agent.keeper.accept(good);
  const { ticket, signature } = good.ticket;
  agent.cache.keepBundle({ ticket, signature, body: encodeBody(bodyOf("evil")).bytes });
  const later = await agent.again();
  expect(() => later.keeper.usable()).toThrow("not the one the ticket names");
  expect(Buffer.from(later.keeper.digest ?? []).equals(encodeBody(bodyOf("x")).digest)).toBe(false);
  expect(await later.keeper.accept(good)).toBe("bundle");
  await later.cache.close();
});
