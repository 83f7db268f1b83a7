import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VigoError } from "../../../src/core/errors.ts";
import { issueClient, issueServer, newCa, newServerKey, openCa } from "../../../src/core/pki/ca.ts";
import { certificateFacts, renewalDueAt } from "../../../src/core/pki/certificate.ts";
import { serverName } from "../../../src/core/wire/service.ts";
import { certificateRequest } from "../../support/certificate-request.ts";

const now = new Date("2026-06-01T12:00:00Z");
const day = 86_400_000;
const keyed = await newCa(now);
const ca = await openCa(keyed);
const envoyId = "0b7c0f0e-6d0a-4bd5-9d0f-3a5a1f6a2c11";

describe("the CA", () => {
  test("lasts ten years and is its own issuer", () => {
    const facts = certificateFacts(keyed.certificate);
    expect(facts).toMatchObject({ isCa: true, expiresAt: now.getTime() + 3_653 * day });
    expect(facts.issuedBy(keyed.certificate)).toBe(true);
    expect(facts.belongsTo(keyed.key)).toBe(true);
  });

  test("opens only with its own key", async () => {
    const other = await newCa(now);
    await expect(openCa({ ...keyed, key: other.key })).rejects.toThrow("CA key is not");
    const key = await newServerKey();
    const server = await issueServer(ca, { key, names: [] }, now);
    await expect(openCa({ certificate: server.pem, key })).rejects.toThrow("not one of a CA");
  });
});

describe("a server certificate", () => {
  test("holds for its names and the fixed one, for a year, by the key it was given", async () => {
    const key = await newServerKey();
    const names = ["vigo.example.org", "192.0.2.7", "2001:db8::1", "vigo.example.org"];
    const facts = certificateFacts((await issueServer(ca, { key, names }, now)).pem);
    for (const name of [serverName, ...names])
      expect([name, facts.covers(name)]).toEqual([name, true]);
    for (const name of ["example.org", "192.0.2.8"])
      expect([name, facts.covers(name)]).toEqual([name, false]);
    expect(facts.names).toHaveLength(4);
    expect(facts.belongsTo(key)).toBe(true);
    expect(facts.issuedBy(keyed.certificate)).toBe(true);
    expect(facts.expiresAt).toBe(now.getTime() + 365 * day);
    const due = renewalDueAt(facts);
    expect(due > now.getTime() + 200 * day && due < now.getTime() + 250 * day).toBe(true);
  });

  test("keeps its pin when it is renewed", async () => {
    const key = await newServerKey();
    const [first, second] = await Promise.all(
      [1, 2].map(() => issueServer(ca, { key, names: [] }, now)),
    );
    const [a, b] = [first, second].map((issued) => certificateFacts(issued?.pem ?? ""));
    expect(a?.publicKeyPin).toBe(b?.publicKeyPin ?? "");
    expect(a?.fingerprint).not.toBe(b?.fingerprint ?? "");
  });

  test("does not outlive the CA", async () => {
    const late = new Date(now.getTime() + 3_600 * day);
    const server = await issueServer(ca, { key: await newServerKey(), names: [] }, late);
    expect(server.expiresAt).toBe(now.getTime() + 3_653 * day);
  });
});

describe("a client certificate", () => {
  test("carries the envoy's id and the key of the request, and nothing else of it", async () => {
    const { request, key } = await certificateRequest("CN=root, O=somebody else");
    const issued = await issueClient(ca, { request, envoyId }, now);
    const facts = certificateFacts(issued.der);
    expect(facts.belongsTo(key)).toBe(true);
    expect(facts.issuedBy(keyed.certificate)).toBe(true);
    expect([issued.fingerprint, issued.expiresAt]).toEqual([
      facts.fingerprint,
      now.getTime() + 90 * day,
    ]);
    const { X509Certificate } = await import("node:crypto");
    const read = new X509Certificate(issued.pem);
    expect(read.subject).toBe(`CN=${envoyId}`);
    expect(read.subjectAltName).toBe(`URI:vigo:envoy:${envoyId}`);
    expect(read.ca).toBe(false);
  });

  const p384 = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
  test.each([
    ["no request at all", async () => new Uint8Array([1, 2, 3]), "not PKCS #10"],
    ["nothing", async () => new Uint8Array(0), "not PKCS #10"],
    [
      "a request that was tampered with",
      async () => {
        const { request } = await certificateRequest("CN=a");
        request[request.length - 1] = (request.at(-1) ?? 0) ^ 1;
        return request;
      },
      "not signed by its own key",
    ],
    ["another kind of key", async () => (await certificateRequest("CN=a", p384)).request, "P-256"],
  ])("is refused for %s", async (_, make, message) => {
    const refused = issueClient(ca, { request: await make(), envoyId }, now);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(VigoError);
  });
});

test("what is no certificate is refused", () => {
  expect(() =>
    certificateFacts("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
  ).toThrow("not an X.509 certificate");
});

const openssl = Bun.which("openssl");

test.skipIf(openssl === null)("openssl finds nothing to complain of", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vigo-pki-"));
  try {
    const today = await newCa(new Date());
    const open = await openCa(today);
    const { request } = await certificateRequest("CN=a");
    const server = await issueServer(
      open,
      { key: await newServerKey(), names: ["a.example"] },
      new Date(),
    );
    const client = await issueClient(open, { request, envoyId }, new Date());
    const path = (name: string) => join(folder, name);
    await writeFile(path("ca"), today.certificate);
    await writeFile(path("sslserver"), server.pem);
    await writeFile(path("sslclient"), client.pem);
    for (const purpose of ["sslserver", "sslclient"]) {
      const argv = [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        purpose,
        "-CAfile",
        path("ca"),
      ];
      const done = Bun.spawnSync([...argv, path(purpose)]);
      expect([done.stdout.toString(), done.stderr.toString()]).toEqual([
        `${path(purpose)}: OK\n`,
        "",
      ]);
    }
    const wrong = Bun.spawnSync([
      "openssl",
      "verify",
      "-purpose",
      "sslserver",
      "-CAfile",
      path("ca"),
      path("sslclient"),
    ]);
    expect(wrong.exitCode).not.toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("keys are never the same", async () => {
  const keys = await Promise.all([newServerKey(), newServerKey()]);
  expect(new Set(keys).size).toBe(2);
});
