import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { VigoError } from "../../../src/core/errors.ts";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { toPem } from "../../../src/core/pki/pem.ts";
import { sign, signingKey } from "../../../src/core/pki/keys.ts";
import { spanToWire } from "../../../src/core/wire/convert.ts";
import { renewalMessage } from "../../../src/core/wire/service.ts";
import { connectLink, type LinkIdentity, type LinkOptions } from "../../../src/modes/agent/link.ts";
import { authority, clientCertificate } from "./pki.ts";
import { failure } from "./failure.ts";
import { type Enrolled, type World, world } from "./world.ts";

let w: World;
let web: Enrolled;
beforeAll(async () => {
  w = await world();
  web = await w.enrol("web");
});
afterAll(() => w.close());

const told = { agentVersion: "1", machineId: "machine-of-web", bootId: "b" };

async function checkIn(identity: LinkIdentity, options: LinkOptions = {}) {
  const link = connectLink(identity, options);
  try {
    return await link.checkIn(told);
  } finally {
    link.close();
  }
}

const refusal = (identity: LinkIdentity, options: LinkOptions = {}): Promise<VigoError> =>
  checkIn(identity, options).then(
    () => {
      throw new Error("it was served");
    },
    (caught: unknown) => {
      if (caught instanceof VigoError) return caught;
      throw caught;
    },
  );

/** A port where nobody listens. */
const nobody = "127.0.0.1:1";

describe("link", () => {
  test("checks in, over one connection for many calls", async () => {
    const link = connectLink(web.identity);
    const before = w.grpc.connections();
    for (let n = 0; n < 3; n++) expect((await link.checkIn(told)).nextMs).toBe(300_000);
    expect(w.grpc.connections()).toBe(before + 1);
    link.close();
  });

  test("many calls at once are all taken", async () => {
    const link = connectLink(web.identity);
    await Promise.all(Array.from({ length: 30 }, () => link.checkIn(told)));
    link.close();
  });

  test("goes on to the next address, and stays there", async () => {
    const servers = [nobody, ...web.identity.servers];
    const link = connectLink({ ...web.identity, servers });
    expect((await link.checkIn(told)).nextMs).toBe(300_000);
    expect((await link.checkIn(told)).nextMs).toBe(300_000);
    link.close();
  });

  test("a server that is away is unavailable", async () => {
    const error = await refusal({ ...web.identity, servers: [nobody] });
    expect(error.failure).toBe("unavailable");
    expect(error.message).toStartWith(`cannot reach ${nobody}: `);
  });

  test("without an address it says so", async () => {
    expect((await refusal({ ...web.identity, servers: [] })).failure).toBe("failed");
  });

  test("a server whose certificate is another CA's is not spoken to", async () => {
    const { pem } = await authority(new Date());
    const before = w.fleet.get(web.row.id)?.lastSeenAt;
    w.clock.now += 1;
    expect((await refusal({ ...web.identity, ca: pem })).failure).toBe("unavailable");
    expect(w.fleet.get(web.row.id)?.lastSeenAt).toBe(before as number);
  });

  test("a certificate of our CA that is not a server's is not spoken to", async () => {
    const client = await clientCertificate(w.own, crypto.randomUUID(), new Date());
    w.grpc.rotate({ cert: client.certificate, key: client.key, ca: w.own.pem });
    const error = await refusal(web.identity);
    w.grpc.rotate(w.tls);
    expect(error.failure).toBe("unavailable");
    expect((await checkIn(web.identity)).nextMs).toBe(300_000);
  });

  test("an id the server does not know is missing", async () => {
    const error = await refusal({ ...web.identity, envoyId: crypto.randomUUID() });
    expect(error.failure).toBe("missing");
    expect(error.hint).toContain("vigo agent bootstrap");
  });

  test("a revoked envoy is denied", async () => {
    const old = await w.enrol("old");
    w.fleet.revoke(old.row.id, w.clock.now);
    expect(await refusal(old.identity)).toMatchObject({
      failure: "denied",
      message: "envoy is revoked",
    });
  });

  test("a clock that is off is told by how much", async () => {
    const error = await refusal(web.identity, { now: () => w.clock.now - 3_600_000 });
    expect(error).toMatchObject({
      failure: "failed",
      hint: "the server's clock is 3600.0 s ahead of this machine's: set the clock",
    });
  });

  test("a clock that was set back a little costs one more call, not the check-in", async () => {
    await checkIn(web.identity, { now: () => w.clock.now + 60_000 });
    const replayed = w.grpc.metrics.refused.of("replayed");
    expect((await checkIn(web.identity)).nextMs).toBe(300_000);
    expect(w.grpc.metrics.refused.of("replayed")).toBe(replayed + 1);
  });

  test("a server that never answers is given up on", async () => {
    const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const servers = [`127.0.0.1:${silent.port}`];
    const error = await refusal({ ...web.identity, servers }, { timeoutMs: 200 });
    silent.stop(true);
    expect(error.failure).toBe("unavailable");
  });

  test("reports runs", async () => {
    const link = connectLink(web.identity);
    const span = spanToWire({ first: 1, last: 4, firstAt: 1_000, lastAt: 2_000 });
    expect(await link.reportRuns({ reports: [{ report: { case: "span", value: span } }] })).toBe(
      4n,
    );
    link.close();
  });

  test("renews its certificate with the key on record, and no other", async () => {
    const one = await w.enrol("renewing");
    const other = await w.enrol("other");
    const link = connectLink(one.identity);
    const { csr, key } = await clientCertificate(w.own, "ignored", new Date());
    const proof = (seed: Uint8Array) => sign(renewalMessage(csr), signingKey(seed));
    const foreign = { csr, csrSignature: proof(other.identity.seed) };
    expect((await failure(link.renewCertificate(foreign))).message).toContain(
      "not signed with this envoy's key",
    );
    const signed = { csr, csrSignature: proof(one.identity.seed) };
    const { chain, authorities } = await link.renewCertificate(signed);
    const [der] = chain;
    expect(authorities.map(toPem).join("").replaceAll("\n", "")).toBe(
      w.own.pem.replaceAll("\n", ""),
    );
    const { fingerprint } = certificateFacts(der as Uint8Array);
    expect(w.fleet.get(one.row.id)?.row).toMatchObject({
      certificate: fingerprint,
      previousCertificate: one.row.certificate,
    });
    const again = { csr, csrSignature: proof(one.identity.seed) };
    expect((await failure(link.renewCertificate(again))).message).toContain("renewed a moment ago");
    // The connection that is open still shows the certificate before: it is taken until the new one is there.
    const message = { ...told, machineId: one.row.machineId };
    expect((await link.checkIn(message)).nextMs).toBe(300_000);
    const certificate = new X509Certificate(der as Uint8Array).toString();
    const renewed = connectLink({ ...one.identity, certificate, key });
    expect((await renewed.checkIn(message)).nextMs).toBe(300_000);
    expect((await failure(link.checkIn(message))).message).toContain(
      "the certificate is not this envoy's",
    );
    renewed.close();
    link.close();
  });
});
