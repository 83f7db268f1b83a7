/** An envoy with a right certificate and a right key that wants what is not its own: it gets its own, and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { newCertificateRequest } from "../../src/core/pki/csr.ts";
import { signingKey, sign } from "../../src/core/pki/keys.ts";
import { renewalMessage } from "../../src/core/wire/service.ts";
import { connectLink, type Link, type LinkIdentity } from "../../src/modes/agent/link.ts";
import { certificateFacts } from "../../src/core/pki/certificate.ts";
import { X509Certificate } from "node:crypto";
import { type Enrolled, type World, world } from "../integration/grpc/world.ts";

let w: World;
let mallory: Enrolled;
let victim: Enrolled;
const links: Link[] = [];
const secret = "the victim's own word";
const bytes = (text: string) => new TextEncoder().encode(text);

const file = (crate: string, content: string) =>
  `configcrate: ${crate}\nresources:\n  - {name: text, type: file, target_path: /etc/${crate}, content: "${content}"}\n`;

/** With some of an identity exchanged for another's. */
const as = (identity: LinkIdentity): Link => {
  const link = connectLink(identity);
  links.push(link);
  return link;
};

const failureOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof VigoError) return error.failure;
    throw error;
  }
  return "none: it was answered";
};

const hello = (one: Enrolled) => ({
  hostname: one.row.hostname,
  bootId: "b",
  machineId: one.row.machineId,
  sections: [{ name: "kept", value: bytes('{"word":"x"}'), collectedAtMs: 1n }],
});
const digestOf = (one: Enrolled) => w.fleet.get(one.row.id)?.intended?.digest ?? new Uint8Array();
const runs = async (one: Enrolled) => w.store.runs.page({ envoyId: one.row.id, limit: 100 });
const aRun = (number: bigint) => ({
  report: {
    case: "run" as const,
    value: { number, policyVersion: 1n, startedAtMs: 1n, outcome: 3, resources: [] },
  },
});

beforeAll(async () => {
  w = await world();
  await w.secrets.init();
  await w.secrets.set("victim/key", bytes(secret), 1);
  await w.secrets.set("mallory/key", bytes("its own word"), 1);
  await w.publish({
    "envoys.vgo":
      'envoys:\n  - {match: "victim", configcrates: [hidden]}\n  - {match: "mallory", configcrates: [own]}\n  - {match: "*", configcrates: [open]}\n',
    "configcrates/hidden.vgo": file("hidden", "secret{victim/key} for the victim alone"),
    "configcrates/own.vgo": file("own", "secret{mallory/key} of its own"),
    "configcrates/open.vgo": file("open", "for all"),
  });
  [mallory, victim] = [await w.enrol("mallory"), await w.enrol("victim")];
  for (const one of [victim, mallory]) await as(one.identity).checkIn(hello(one));
  expect(digestOf(victim).length).toBe(32);
});
afterAll(async () => {
  for (const link of links) link.close();
  await w.close();
});

describe("identities", () => {
  const rows: readonly [string, () => LinkIdentity][] = [
    ["the victim's id, all else its own", () => ({ ...mallory.identity, envoyId: victim.row.id })],
    [
      "the victim's id and certificate, its own signing key",
      () => ({ ...victim.identity, seed: mallory.identity.seed }),
    ],
    [
      "the victim's id and signing key, its own certificate",
      () => ({
        ...victim.identity,
        certificate: mallory.identity.certificate,
        key: mallory.identity.key,
      }),
    ],
    ["an id with a path", () => ({ ...mallory.identity, envoyId: `../${victim.row.id}` })],
    [
      "the victim's id in capitals",
      () => ({ ...mallory.identity, envoyId: victim.row.id.toUpperCase() }),
    ],
  ];
  test.each(rows)("%s: no call of any kind", async (_, identity) => {
    const link = as(identity());
    const before = await runs(victim);
    const csr = (await newCertificateRequest("x")).csr;
    const csrSignature = sign(renewalMessage(csr), signingKey(identity().seed));
    for (const call of [
      () => link.checkIn(hello(victim)),
      () => link.resolveSecrets({ refs: [0], bodyDigest: digestOf(victim) }),
      () => link.reportRuns({ reports: [aRun(99n)] }),
      () => link.renewCertificate({ csr, csrSignature }),
    ])
      expect(["denied", "missing", "unauthenticated"]).toContain(await failureOf(call()));
    expect(await runs(victim)).toEqual(before);
  });
});

describe("with an identity of its own", () => {
  test("the victim's name gets it no bundle of the victim", async () => {
    const answer = await as(mallory.identity).checkIn({ ...hello(mallory), hostname: "victim" });
    expect(Buffer.from(answer.body).toString()).not.toContain("hidden");
    expect(Buffer.from(digestOf(mallory))).not.toEqual(Buffer.from(digestOf(victim)));
  });

  test("the victim's digest, told as what it has, gets it neither body nor ticket of it", async () => {
    const answer = await as(mallory.identity).checkIn({
      ...hello(mallory),
      bodyDigest: digestOf(victim),
      policyVersion: 2n ** 60n,
    });
    expect(Buffer.from(answer.body).toString()).not.toContain("hidden");
    const { ticket } = answer;
    expect(Buffer.from(ticket?.ticket ?? []).includes(Buffer.from(victim.row.id))).toBe(false);
  });

  test.each([
    ["the victim's body", () => ({ refs: [0], bodyDigest: digestOf(victim) })],
    ["its own body, beyond those it names", () => ({ refs: [1], bodyDigest: digestOf(mallory) })],
    ["no body", () => ({ refs: [0], bodyDigest: new Uint8Array() })],
  ])("no secret of %s", async (_, asked) => {
    expect(await failureOf(as(mallory.identity).resolveSecrets(asked()))).toBe("denied");
  });

  test("what it reports is its own, whatever it says in it", async () => {
    await as(mallory.identity).reportRuns({ reports: [aRun(7n)] });
    expect((await runs(mallory)).map(({ number }) => number)).toEqual([7]);
    expect(await runs(victim)).toEqual([]);
  });

  test("a certificate it asks for is its own, whatever name it asks for", async () => {
    const { csr } = await newCertificateRequest(victim.row.id);
    const csrSignature = sign(renewalMessage(csr), signingKey(mallory.identity.seed));
    const { chain } = await as(mallory.identity).renewCertificate({ csr, csrSignature });
    const made = new X509Certificate(chain[0] ?? new Uint8Array());
    expect(made.toString()).not.toContain(victim.row.id);
    expect(`${made.subject} ${made.subjectAltName}`).toContain(mallory.row.id);
    expect(certificateFacts(made.toString()).isCa).toBe(false);
  });
});

test("the victim is served as before, and none of it was said to anybody", async () => {
  const link = as(victim.identity);
  await link.checkIn(hello(victim));
  const { values } = await link.resolveSecrets({ refs: [0], bodyDigest: digestOf(victim) });
  expect(values.map(({ value }) => Buffer.from(value).toString())).toEqual([secret]);
  expect(w.logged.join("\n")).not.toContain(secret);
  const told = (await w.store.audit.page(100)).filter(({ action }) => action === "secret.refused");
  expect(told.map(({ subject }) => subject)).toEqual([mallory.row.id]);
});

test("once it is revoked it is heard no more, by a connection that is open or a new one", async () => {
  const open = as(mallory.identity);
  const { values } = await open.resolveSecrets({ refs: [0], bodyDigest: digestOf(mallory) });
  expect(values.length).toBe(1);
  w.fleet.revoke(mallory.row.id, w.clock.now);
  for (const link of [open, as(mallory.identity)])
    for (const call of [
      () => link.checkIn(hello(mallory)),
      () => link.resolveSecrets({ refs: [0], bodyDigest: digestOf(mallory) }),
      () => link.reportRuns({ reports: [aRun(8n)] }),
    ])
      // What was open is cut, and that may be what a call learns first.
      expect(link === open ? ["denied", "unavailable"] : ["denied"]).toContain(
        await failureOf(call()),
      );
});
