import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { repository } from "../../src/core/resources/repository.ts";
import { armored, dearmored, fingerprintsOf } from "../../src/core/tools/openpgp-key.ts";
import { cases } from "../support/cases.ts";
import { labKey as key, labKeyFingerprint as fingerprint } from "../support/openpgp-key.ts";

const plainKey = new TextDecoder().decode(armored(new TextEncoder().encode(key)));

const sources = "/etc/apt/sources.list.d/lab.sources";
const deb = "deb [arch=amd64,arm64 trusted=yes] https://deb.example.net/debian bookworm main extra";
const stanza =
  "Types: deb\nURIs: https://deb.example.net/debian\nSuites: bookworm\nComponents: main extra\nArchitectures: amd64 arm64\nTrusted: yes\n";

cases(repository, {
  "of apt, as a stanza": {
    given: {},
    wish: { repository: "lab", repo: deb },
    does: [`write ${sources}`],
    leaves: { [sources]: stanza },
  },
  "stands already": {
    given: { files: { [sources]: stanza } },
    wish: { repository: "lab", repo: deb },
    does: [],
  },
  "of apt, as lines, instead of the stanza": {
    given: { files: { [sources]: stanza } },
    wish: { repository: "lab", repo: `${deb}\ndeb-src file:/srv/pool ./`, format: "list" },
    does: ["write /etc/apt/sources.list.d/lab.list", `remove ${sources}`],
    leaves: { "/etc/apt/sources.list.d/lab.list": `${deb}\ndeb-src file:/srv/pool ./\n` },
  },
  "of apt, unused and pinned": {
    given: {},
    wish: {
      repository: "lab",
      repo: "deb http://deb.example.net/x ./",
      enabled: false,
      priority: 990,
    },
    does: [`write ${sources}`, "write /etc/apt/preferences.d/lab.pref"],
    leaves: {
      [sources]: "Enabled: no\nTypes: deb\nURIs: http://deb.example.net/x\nSuites: ./\n",
      "/etc/apt/preferences.d/lab.pref":
        'Package: *\nPin: origin "deb.example.net"\nPin-Priority: 990\n',
    },
  },
  "of apt, what is no source": {
    given: {},
    wish: { repository: "lab", repo: "https://deb.example.net" },
    does: [],
    ends: "failed",
    because: "is no line of sources.list (write it as: deb",
  },
  "of apt, gone with all that was its": {
    given: {
      files: {
        [sources]: stanza,
        "/etc/apt/preferences.d/lab.pref": "x",
        "/etc/apt/keyrings/lab.gpg": "x",
        "/etc/apt/sources.list.d/other.list": "y",
      },
    },
    wish: { repository: "lab", state: "absent" },
    does: [
      `remove ${sources}`,
      "remove /etc/apt/preferences.d/lab.pref",
      "remove /etc/apt/keyrings/lab.gpg",
    ],
  },
  "of dnf, with its key": {
    given: {
      os: { family: "rhel", distro: "rocky" },
      files: { "/usr/bin/dnf": "" },
      nodes: { "/etc/pki/rpm-gpg": {} },
      downloads: { "https://rpm.example.net/key": key },
    },
    wish: {
      repository: "lab",
      repo: "https://rpm.example.net/el9",
      key_url: "https://rpm.example.net/key",
      key_fingerprint: fingerprint.replace(/(.{4})/g, "$1 ").trim(),
      priority: 10,
    },
    does: ["write /etc/pki/rpm-gpg/RPM-GPG-KEY-lab", "write /etc/yum.repos.d/lab.repo"],
    leaves: {
      "/etc/pki/rpm-gpg/RPM-GPG-KEY-lab": plainKey,
      "/etc/yum.repos.d/lab.repo":
        "[lab]\nname=lab\nbaseurl=https://rpm.example.net/el9\nenabled=1\npriority=10\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-lab\n",
    },
  },
  "of dnf, with another key than declared": {
    given: {
      os: { family: "rhel", distro: "rocky" },
      files: { "/usr/bin/dnf": "" },
      downloads: { "https://rpm.example.net/key": key },
    },
    wish: {
      repository: "lab",
      repo: "metalink=https://rpm.example.net/el9",
      key_url: "https://rpm.example.net/key",
      key_fingerprint: "0".repeat(40),
    },
    does: [],
    ends: "failed",
    because: `the key at https://rpm.example.net/key is ${fingerprint}, not 000`,
  },
  "of zypper, known to rpm": {
    given: {
      os: { family: "suse", distro: "sles" },
      files: { "/etc/pki/rpm-gpg/RPM-GPG-KEY-lab": plainKey },
      downloads: { "https://rpm.example.net/key": key },
      commands: {
        "rpm -q gpg-pubkey": (files) =>
          `gpg-pubkey-6fedfc85-682a1c7f\n${files.has("/run/known") ? "gpg-pubkey-89cce515-6b015da4\n" : ""}`,
        "rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-lab": (files) => {
          files.set("/run/known", "");
          return "";
        },
      },
    },
    wish: {
      repository: "lab",
      repo: "https://rpm.example.net/15",
      key_url: "https://rpm.example.net/key",
      enabled: false,
    },
    does: [
      "write /etc/pki/rpm-gpg/RPM-GPG-KEY-lab",
      "run rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-lab",
      "write /etc/zypp/repos.d/lab.repo",
    ],
    leaves: {
      "/etc/zypp/repos.d/lab.repo":
        "[lab]\nname=lab\nbaseurl=https://rpm.example.net/15\nenabled=0\nautorefresh=1\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-lab\n",
    },
  },
  "of zypper, known to an rpm that spells fingerprints out": {
    given: {
      os: { family: "suse", distro: "sles" },
      files: {
        "/etc/pki/rpm-gpg/RPM-GPG-KEY-lab": plainKey,
        "/etc/zypp/repos.d/lab.repo":
          "[lab]\nname=lab\nbaseurl=https://rpm.example.net/15\nenabled=1\nautorefresh=1\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-lab\n",
      },
      commands: { "rpm -q gpg-pubkey": `gpg-pubkey-${fingerprint.toLowerCase()}-6b015da4\n` },
    },
    wish: {
      repository: "lab",
      repo: "https://rpm.example.net/15",
      key_url: "https://rpm.example.net/key",
    },
    does: [],
  },
  "of apk, used again where it stood": {
    given: {
      os: { family: "alpine", distro: "alpine" },
      files: { "/etc/apk/repositories": "https://a/main\n#https://b/community\n# a note\n" },
      nodes: { "/etc/apk/keys": {} },
      downloads: { "https://b/b.rsa.pub": "-----BEGIN PUBLIC KEY-----\n" },
    },
    wish: { repository: "b", repo: "https://b/community", key_url: "https://b/b.rsa.pub" },
    does: ["write /etc/apk/keys/b.rsa.pub", "write /etc/apk/repositories"],
    leaves: { "/etc/apk/repositories": "https://a/main\nhttps://b/community\n# a note\n" },
  },
  "of apk, gone": {
    given: {
      os: { family: "alpine", distro: "alpine" },
      files: { "/etc/apk/repositories": "https://a/main\nhttps://b/community\n" },
    },
    wish: { repository: "b", repo: "https://b/community", state: "absent" },
    does: ["write /etc/apk/repositories"],
    leaves: { "/etc/apk/repositories": "https://a/main\n" },
  },
  "of apk, with what it does not know": {
    given: { os: { family: "alpine", distro: "alpine" } },
    wish: { repository: "b", repo: "https://b/community", priority: 5 },
    does: [],
    ends: "failed",
    because: "apk knows no priority of a repository",
  },
  "of pacman, in its section": {
    given: {
      os: { family: "arch", distro: "arch" },
      files: {
        "/etc/pacman.conf":
          "[options]\nCheckSpace\n\n[lab]\nServer = http://old\n\n# the rest\n[core]\nInclude = x\n",
      },
      commands: { "pacman-key --list-keys 2A6969E3E9262C26B16512E03BB3837189CCE515": "pub" },
    },
    wish: {
      repository: "lab",
      repo: "https://lab/$arch",
      key_url: "https://lab/key",
      key_fingerprint: fingerprint,
    },
    does: ["write /etc/pacman.conf"],
    leaves: {
      "/etc/pacman.conf":
        "[options]\nCheckSpace\n\n[lab]\nSigLevel = Required\nServer = https://lab/$arch\n\n# the rest\n[core]\nInclude = x\n",
    },
  },
  "of pacman, new at the end": {
    given: {
      os: { family: "arch", distro: "arch" },
      files: { "/etc/pacman.conf": "[options]\nCheckSpace\n" },
    },
    wish: { repository: "lab", repo: "SigLevel = Never\nhttps://lab/$arch" },
    does: ["write /etc/pacman.conf"],
    leaves: {
      "/etc/pacman.conf":
        "[options]\nCheckSpace\n\n[lab]\nSigLevel = Never\nServer = https://lab/$arch\n",
    },
  },
  "where there is no package manager": {
    given: { os: { family: "gentoo", distro: "gentoo" } },
    wish: { repository: "lab", repo: "https://lab" },
    does: [],
    ends: "failed",
    because: "not for gentoo",
  },
});

test("a key is known by its fingerprint, armoured or not", () => {
  const bytes = new TextEncoder().encode(key);
  expect([bytes, dearmored(bytes), armored(dearmored(bytes))].map(fingerprintsOf)).toEqual([
    [fingerprint],
    [fingerprint],
    [fingerprint],
  ]);
  expect(new TextDecoder().decode(armored(bytes))).toBe(key);
  expect(() => fingerprintsOf(new TextEncoder().encode("<html>not found"))).toThrow("no OpenPGP");
  expect(() => fingerprintsOf(dearmored(bytes).slice(0, 20))).toThrow("no OpenPGP");
});

test.each([
  [{ repository: "lab" }, "repo: is required unless state is absent"],
  [{ repository: "a/b", repo: "x" }, "repository: must be letters"],
  [{ repository: "a", repo: "x", key_fingerprint: fingerprint }, "key_url: is required with"],
])("refuses %j", (wish, message) => {
  const { error } = repository.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
