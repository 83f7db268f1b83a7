/** Keys of repositories: which of a ring is taken, and what becomes of one that has expired. */
import { expect, test } from "bun:test";
import { repository } from "../../src/core/resources/repository.ts";
import { armored, dearmored, keysOf } from "../../src/core/tools/openpgp-key.ts";
import { cases } from "../support/cases.ts";
import { labKey as other } from "../support/openpgp-key.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (all: Uint8Array) => new TextDecoder().decode(all);

/** Made for these tests with gpg, which also said the fingerprint; until the end of 2026. */
const short = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawIYHRYJKwYBBAHaRw8BAQdAIvCXEQEG7/jadV54rT3nvnUgkmND6zwb38wY
psrBZNq0GVNob3J0IDxzaG9ydEBleGFtcGxlLmNvbT6IlgQTFggAPhYhBDEA80G0
rAhK1tYgGrk9O9S/+z9dBQJrAhgdAhsDBQkAM4LjBQsJCAcCBhUKCQgLAgQWAgMB
Ah4BAheAAAoJELk9O9S/+z9dTuwA/03a7ytgYy7FG146XQE8oVPN2eV5tvqaiQX2
URbXT4E/AQDPWEx9a7yrV3/FwgpkidwchG4JNgQTSAGZx7OvW0jxCw==
=H6H4
-----END PGP PUBLIC KEY BLOCK-----
`;
/** The same, prolonged by gpg to the end of 2036. */
const long = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawIYHRYJKwYBBAHaRw8BAQdAIvCXEQEG7/jadV54rT3nvnUgkmND6zwb38wY
psrBZNq0GVNob3J0IDxzaG9ydEBleGFtcGxlLmNvbT6IlgQTFggAPgIbAwULCQgH
AgYVCgkICwIEFgIDAQIeAQIXgBYhBDEA80G0rAhK1tYgGrk9O9S/+z9dBQJrAhge
BQkTA3pjAAoJELk9O9S/+z9dUhIBAPSH6nl6SBvRw9CwmnLidwH5qAqMkBcnuM44
DE3UyafsAQCSmHE/gSDq5wsv3xPQbsQ/KgBIKgF2kYWynf1Qn50XBQ==
=HXcR
-----END PGP PUBLIC KEY BLOCK-----
`;
const fingerprint = "3100F341B4AC084AD6D6201AB93D3BD4BFFB3F5D";

const url = "https://rpm.example.net/key";
const path = "/etc/pki/rpm-gpg/RPM-GPG-KEY-lab";
const plain = (key: string) => text(armored(bytes(key)));
const ring = text(armored(Buffer.concat([short, other].map((key) => dearmored(bytes(key))))));
const repo =
  "[lab]\nname=lab\nbaseurl=https://rpm.example.net/el9\nenabled=1\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-lab\n";
const given = (now: string, served: string, key?: string) => ({
  os: { family: "rhel", distro: "rocky" },
  files: {
    "/usr/bin/dnf": "",
    "/etc/yum.repos.d/lab.repo": repo,
    ...(key !== undefined && { [path]: key }),
  },
  nodes: { "/etc/pki/rpm-gpg": {} },
  downloads: { [url]: served },
  now: new Date(now),
});
const wish = { repository: "lab", repo: "https://rpm.example.net/el9", key_url: url };
const proved = { ...wish, key_fingerprint: fingerprint };

cases(repository, {
  "of a ring only the declared key is taken": {
    given: given("2026-12-01", ring),
    wish: proved,
    does: [`write ${path}`],
    leaves: { [path]: plain(short) },
  },
  "another key that was put beside it goes": {
    given: given("2026-12-01", short, ring),
    wish: proved,
    does: [`write ${path}`],
    leaves: { [path]: plain(short) },
    says: { key: [`${fingerprint}, 2A6969E3E9262C26B16512E03BB3837189CCE515`, fingerprint] },
  },
  "without a fingerprint all of them are": {
    given: given("2026-12-01", ring),
    wish,
    does: [`write ${path}`],
    leaves: { [path]: ring },
  },
  "one that is valid stays, though there is a newer one": {
    given: given("2026-12-30", long, plain(short)),
    wish: proved,
    does: [],
  },
  "one that has expired is fetched again": {
    given: given("2027-01-02", long, plain(short)),
    wish: proved,
    does: [`write ${path}`],
    leaves: { [path]: plain(long) },
    says: { key: [`${fingerprint}, expired on 2026-12-31`, `fetched from ${url}`] },
  },
  "and nothing is done when nobody has prolonged it": {
    given: given("2027-01-02", short, plain(short)),
    wish: proved,
    does: [],
    ends: "failed",
    because: "has expired on 2026-12-31 (its owner has to prolong it",
  },
  "of a ring one without an end is enough": {
    given: given("2027-01-02", ring, ring),
    wish,
    does: [],
  },
});

test("a key says how long it is valid, by its newest word", () => {
  const both = Buffer.concat([long, other].map((key) => dearmored(bytes(key))));
  expect(keysOf(both).map((key) => [key.fingerprint, key.expires?.toISOString()])).toEqual([
    [fingerprint, "2036-12-31T00:00:00.000Z"],
    ["2A6969E3E9262C26B16512E03BB3837189CCE515", undefined],
  ]);
  const said = dearmored(bytes(short));
  // Cut anywhere, it is a key or none, and never a crash.
  for (let at = 0; at < said.length; at++)
    try {
      expect(keysOf(said.slice(0, at)).length).toBe(1);
    } catch (error) {
      expect(`${error}`).toContain("it is no OpenPGP public key");
    }
});
