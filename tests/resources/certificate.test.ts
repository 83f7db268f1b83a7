import { expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { explain } from "../../src/core/params.ts";
import { newPrivateKey } from "../../src/core/pki/key-kind.ts";
import { certificateRequest, selfSigned } from "../../src/core/pki/own-certificate.ts";
import { converge } from "../../src/core/resource.ts";
import { certificate } from "../../src/core/resources/certificate.ts";
import { cases, still } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const path = "/etc/ssl/web.pem";
const key = "/etc/ssl/web.key";
const request = "/etc/ssl/web.csr";
const anchor = "/usr/local/share/ca-certificates/web.crt";
const bundle = "/etc/ssl/certs/ca-certificates.crt";
const now = new Date("2026-01-01T00:00:00Z");
const before = (days: number) => new Date(now.getTime() - days * 86_400_000);

const named = { commonName: "web", organization: undefined, names: ["web.example"], isCa: false };
const [own, other] = [await newPrivateKey("ecdsa-p256"), await newPrivateKey("ecdsa-p256")];
const made = (from: Date, days = 365, wish = named, pem = own) =>
  selfSigned(createPrivateKey(pem), wish, { from, days });
const [first, second] = [made(before(1)), made(before(2))];
const asked = certificateRequest(createPrivateKey(own), named);

const self = { path, key, common_name: "web", names: ["web.example"] };
const isMade = expect.stringContaining("BEGIN CERTIFICATE-----") as unknown as string;
const isKey = expect.stringContaining("BEGIN PRIVATE KEY") as unknown as string;
const kept = { [path]: first, [key]: own };
const private_ = { [key]: { kind: "file", mode: 0o600 } as const };

cases(certificate, {
  "makes a key and a certificate": {
    given: {},
    wish: self,
    does: [`write ${key}`, `write ${path}`],
    leaves: { [key]: isKey, [path]: isMade },
    says: {
      key: [undefined, "ecdsa-p256"],
      certificate: [undefined, "CN=web, for web.example, for 365 days"],
    },
  },
  "leaves a good one alone": { given: { files: kept, nodes: private_ }, wish: self, does: [] },
  "makes one that ends soon anew, with the same key": {
    given: { files: { [path]: made(before(340)), [key]: own }, nodes: private_ },
    wish: self,
    does: [`write ${path}`],
    leaves: { [key]: own },
    says: { expires: ["2026-01-26", "after 365 more days"] },
  },
  "not yet when renewal is later": {
    given: { files: { [path]: made(before(340)), [key]: own }, nodes: private_ },
    wish: { ...self, renew_before: 20 },
    does: [],
  },
  "makes one for other names anew": {
    given: { files: kept, nodes: private_ },
    wish: { ...self, names: ["web.example", "10.0.0.1"], organization: "Ours", is_ca: true },
    does: [`write ${path}`],
    says: {
      certificate: [
        "CN=web, for web.example, until 2026-12-31, no CA",
        "O=Ours, CN=web, for web.example, 10.0.0.1, for 365 days, a CA",
      ],
    },
  },
  "makes one for another life anew": {
    given: { files: kept, nodes: private_ },
    wish: { ...self, days: 90 },
    does: [`write ${path}`],
    says: {
      certificate: [
        "CN=web, for web.example, until 2026-12-31, made for 365 days",
        "CN=web, for web.example, for 90 days",
      ],
    },
  },
  "makes one of another key anew": {
    given: { files: { [path]: first, [key]: other }, nodes: private_ },
    wish: self,
    does: [`write ${path}`],
    says: {
      certificate: [
        "CN=web, for web.example, until 2026-12-31, for another key",
        "CN=web, for web.example, for 365 days",
      ],
    },
  },
  "makes a key of another kind": {
    given: { files: kept, nodes: private_ },
    wish: { ...self, key_kind: "ed25519" },
    does: [`write ${key}`, `write ${path}`],
  },
  "closes a key that others may read": {
    given: { files: kept, nodes: { [key]: { kind: "file", mode: 0o644 } } },
    wish: self,
    does: [`chmod ${key} 600`],
    says: { "key mode": ["0644", "0600"] },
  },
  "does not throw away a key it cannot read": {
    given: { files: { [key]: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n" } },
    wish: self,
    does: [],
    ends: "failed",
    because: `${key} is no private key in PEM, or it has a passphrase`,
  },
  "keeps a request": {
    given: {},
    wish: { ...self, request },
    does: [`write ${key}`, `write ${request}`],
  },
  "leaves a request alone that asks for the same": {
    given: { files: { [request]: asked, [key]: own, [path]: first }, nodes: private_ },
    wish: { ...self, request },
    does: [],
  },
  "asks anew for other names": {
    given: { files: { [request]: asked, [key]: own }, nodes: private_ },
    wish: { ...self, names: [], request },
    does: [`write ${request}`],
  },
  "tells of an answer to another request": {
    given: { files: { [request]: asked, [key]: own, [path]: made(before(1), 9, named, other) } },
    wish: { ...self, request },
    does: [],
    ends: "failed",
    because: `${path} is not for the key ${key}`,
  },
  "writes what the policy brings": {
    given: { files: { [path]: second } },
    wish: { path, content: first, key, key_content: own, mode: "0640" },
    does: [`write ${key}`, `write ${path}`],
    leaves: { [path]: first, [key]: own },
    says: {
      key: [undefined, "as declared"],
      certificate: [
        "CN=web, for web.example, until 2026-12-30",
        "CN=web, for web.example, until 2026-12-31",
      ],
      mode: ["0644", "0640"],
    },
  },
  "refuses a certificate with another one's key": {
    given: {},
    wish: { path, content: first, key, key_content: other },
    does: [],
    ends: "failed",
    because: `the key ${key} is not that of the certificate`,
  },
  "refuses what is no certificate": {
    given: {},
    wish: { path, content: "hello" },
    does: [],
    ends: "failed",
    because: "content is no certificate in PEM",
  },
  "has the machine trust it": {
    given: {
      files: { [path]: first, [bundle]: second },
      nodes: { "/usr/local/share/ca-certificates": {} },
      commands: {
        "update-ca-certificates": (files) => {
          files.set(bundle, `${second}${files.get(anchor)}`);
          return "";
        },
      },
    },
    wish: { path, content: first, trust: true },
    does: [`write ${anchor}`, "run update-ca-certificates"],
    says: { trusted: [undefined, "yes"] },
  },
  "has the machine trust one that is made anew, in the same run": {
    given: {
      files: { [path]: first, [anchor]: first, [bundle]: first },
      nodes: { "/usr/local/share/ca-certificates": {} },
      commands: {
        "update-ca-certificates": (files) => {
          files.set(bundle, `${second}${files.get(anchor)}`);
          return "";
        },
      },
    },
    wish: { path, key, common_name: "web", trust: true },
    does: [`write ${key}`, `write ${path}`, `write ${anchor}`, "run update-ca-certificates"],
  },
  "notices that it was taken out of the bundle": {
    given: {
      files: { [path]: first, [anchor]: first, [bundle]: second },
      nodes: { "/usr/local/share/ca-certificates": {} },
      commands: {
        "update-ca-certificates": (files) => {
          files.set(bundle, first);
          return "";
        },
      },
    },
    wish: { path, content: first, trust: true },
    does: [`write ${anchor}`, "run update-ca-certificates"],
  },
  "uses the store of the machine": {
    given: {
      os: { family: "rhel", distro: "rocky" },
      files: { [path]: first },
      nodes: { "/etc/pki/ca-trust/source/anchors": {} },
      commands: { "update-ca-trust extract": "" },
    },
    wish: { path, content: first, trust: true },
    does: ["write /etc/pki/ca-trust/source/anchors/web.pem", "run update-ca-trust extract"],
  },
  "says what a machine without a store lacks": {
    given: { files: { [path]: first } },
    wish: { path, content: first, trust: true },
    does: [],
    ends: "failed",
    because: "declare the package ca-certificates",
  },
  "takes everything away": {
    given: {
      files: { ...kept, [request]: asked, [anchor]: first },
      commands: { "update-ca-certificates --fresh": "" },
    },
    wish: { path, key, request, trust: true, state: "absent" },
    does: [
      `remove ${anchor}`,
      "run update-ca-certificates --fresh",
      `remove ${path}`,
      `remove ${key}`,
      `remove ${request}`,
    ],
    says: {
      certificate: ["present", undefined],
      key: ["present", undefined],
      request: ["present", undefined],
      trusted: ["yes", undefined],
    },
  },
  "has nothing to take away": { given: {}, wish: { path, key, state: "absent" }, does: [] },
});

test("a new key is for its owner alone, and what time brings is no drift", async () => {
  const { host, nodes, files } = fakeHost({ now });
  const params = certificate.params.parse(self);
  await converge({ ...still, type: certificate, params, host });
  expect(nodes.get(key)?.mode).toBe(0o600);
  expect(new X509Certificate(files.get(path) ?? "").checkHost("web.example")).toBe("web.example");
  const late = fakeHost({
    now: new Date("2026-12-20T00:00:00Z"),
    files: Object.fromEntries(files),
    nodes: private_,
  });
  const outcome = await converge({
    ...still,
    type: certificate,
    params,
    host: late.host,
    enforcedBefore: true,
  });
  expect(outcome).toMatchObject({
    outcome: "changed",
    changes: [{ field: "expires", cause: "upstream" }],
  });
});

test.each([
  [{ path }, "content: write content for a certificate that is there, or common_name"],
  [{ path, content: "x", days: 3 }, "content: is a finished certificate: leave out"],
  [{ path, common_name: "web" }, "key: is required with common_name"],
  [{ path, content: "x", key_content: "y" }, "key_content: goes with content, and needs key"],
  [{ ...self, days: 10, renew_before: 10 }, "renew_before: must be shorter"],
  [{ ...self, request, days: 10 }, "request: leaves the life"],
])("%j is refused", (wish, because) => {
  const { error } = certificate.params.safeParse(wish);
  expect(error && explain(error).join()).toContain(because);
});
