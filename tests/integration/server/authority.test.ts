/** The CA's files while it is replaced: whatever moment a kill strikes, the next start has one CA, or two that belong together. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newCertificateRequest } from "../../../src/core/pki/csr.ts";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { certificatesIn } from "../../../src/core/pki/pem.ts";
import { makeAuthority, openAuthority } from "../../../src/modes/server/trust/authority.ts";
import { removeRoom } from "../../support/remove-room.ts";

let room: string;
const files = () => ({ ca: join(room, "ca.pem"), caKey: join(room, "ca_key.pem") });

beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-authority-"));
  await makeAuthority(files(), new Date());
});
afterEach(() => removeRoom(room));

const clientOf = async (authority: Awaited<ReturnType<typeof openAuthority>>) => {
  const { csr } = await newCertificateRequest("x");
  return certificateFacts((await authority.issueClient(csr, "e1", new Date())).pem);
};

test("two are trusted, the next one signs for envoys, the former for the server", async () => {
  const authority = await openAuthority(files());
  const former = authority.certificate;
  const next = await authority.begin(new Date());
  await expect(authority.begin(new Date())).rejects.toThrow("being replaced already");
  expect(certificatesIn(authority.trusted)).toHaveLength(2);
  expect(authority.trusts).toBe(`${authority.fingerprint} ${next.fingerprint}`);
  expect((await clientOf(authority)).issuedBy(next.certificate)).toBe(true);
  expect((await clientOf(await openAuthority(files()))).issuedBy(next.certificate)).toBe(true);
  expect(authority.certificate).toBe(former);
  await authority.finish();
  expect([authority.certificate, authority.next]).toEqual([next.certificate, undefined]);
  expect((await readdir(room)).sort()).toEqual(["ca.pem", "ca_key.pem"]);
  await expect(authority.finish()).rejects.toThrow("not being replaced");
  expect((await openAuthority(files())).trusts).toBe(next.fingerprint);
});

const nextKey = () => readFile(`${files().caKey}.next`, "utf8");
const nextCertificate = () => readFile(`${files().ca}.next`, "utf8");

test("a kill after the key has changed completes the change at the next start", async () => {
  const { fingerprint } = await (await openAuthority(files())).begin(new Date());
  await writeFile(files().caKey, await nextKey());
  const authority = await openAuthority(files());
  expect([authority.trusts, authority.next]).toEqual([fingerprint, undefined]);
});

test("so does one after both have changed", async () => {
  const { fingerprint } = await (await openAuthority(files())).begin(new Date());
  await writeFile(files().caKey, await nextKey());
  await writeFile(files().ca, await nextCertificate());
  const authority = await openAuthority(files());
  expect([authority.trusts, authority.next]).toEqual([fingerprint, undefined]);
  expect((await readdir(room)).sort()).toEqual(["ca.pem", "ca_key.pem"]);
});

test("a kill before the next one has its certificate leaves the former alone in force", async () => {
  const { fingerprint } = await openAuthority(files());
  await writeFile(`${files().caKey}.next`, "half a key");
  const authority = await openAuthority(files());
  expect([authority.trusts, authority.next]).toEqual([fingerprint, undefined]);
  expect((await authority.begin(new Date())).fingerprint).not.toBe(fingerprint);
});

test("two who ask at the same moment do it once", async () => {
  const authority = await openAuthority(files());
  const outcomes = (all: readonly PromiseSettledResult<unknown>[]) =>
    all.map(({ status }) => status).sort();
  const begun = await Promise.allSettled([
    authority.begin(new Date()),
    authority.begin(new Date()),
  ]);
  expect(outcomes(begun)).toEqual(["fulfilled", "rejected"]);
  const wanted = authority.next?.fingerprint;
  const finished = await Promise.allSettled([authority.finish(), authority.finish()]);
  expect(outcomes(finished)).toEqual(["fulfilled", "rejected"]);
  expect([authority.fingerprint, authority.next]).toEqual([wanted ?? "none", undefined]);
  expect((await openAuthority(files())).fingerprint).toBe(wanted ?? "none");
});
