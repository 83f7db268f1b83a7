import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf } from "../../src/core/resource.ts";
import { packageType } from "../../src/core/resources/package.ts";
import { tellWaiting } from "../../src/core/tools/package-lock.ts";
import { cases } from "../support/cases.ts";
import { type Answer, edits, type FakeInit, fakeHost } from "../support/fake-host.ts";

const status = "/var/lib/dpkg/status";
const cache = "/var/cache/apt/pkgcache.bin";
const apt =
  "apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120";
const fresh = {
  "/var/lib/apt/lists/deb_InRelease": "",
  "/var/lib/apt/periodic/update-success-stamp": "",
};

const entry = (name: string, version: string, state = "install ok installed") =>
  `Package: ${name}\nStatus: ${state}\nArchitecture: amd64\nVersion: ${version}\n\n`;
const set = (text: string): Answer => edits(status, () => text);
const has = (text: string, commands: FakeInit["commands"] = {}): FakeInit => ({
  files: { [status]: text, ...fresh },
  commands,
});
const offer = (name: string, version: string) =>
  `${name}:\n  Installed: (none)\n  Candidate: ${version}\n  Version table:\n     ${version} 500\n        500 http://deb x\n`;
const policy = (names: string, ...offers: string[]) => ({
  [`apt-cache policy -- ${names}`]: offers.join(""),
});
/** What apt would remove, asked like this. */
const going = (words: string, ...names: readonly string[]) => ({
  [`apt-get -s -q ${words}`]: names.map((name) => `Remv ${name} [1]\n`).join(""),
});
const update = {
  [`${apt} update`]: "",
  "mkdir -p /var/lib/apt/periodic": "",
  "touch /var/lib/apt/periodic/update-success-stamp": "",
};
const updated = [
  `run ${apt} update`,
  "run mkdir -p /var/lib/apt/periodic",
  "run touch /var/lib/apt/periodic/update-success-stamp",
];

cases(packageType, {
  installs: {
    given: has("", {
      ...policy("nginx", offer("nginx", "1.22")),
      [`${apt} install -- nginx`]: set(entry("nginx", "1.22")),
    }),
    wish: { package: "nginx" },
    does: [`run ${apt} install -- nginx`],
    says: { "package nginx": [undefined, "installed"] },
  },
  "leaves an installed one alone, without asking apt": {
    given: has(entry("nginx", "1.22")),
    wish: { package: "nginx" },
    does: [],
  },
  "installs what is missing of a list in one go": {
    given: has(entry("curl", "7"), {
      ...policy("jq vim", offer("jq", "1"), offer("vim", "9")),
      [`${apt} install -- jq vim`]: set(entry("curl", "7") + entry("jq", "1") + entry("vim", "9")),
    }),
    wish: { package: ["curl", "jq", "vim"] },
    does: [`run ${apt} install -- jq vim`],
  },
  "does not let apt look into a cache from the second of the last change": {
    given: {
      files: { [status]: entry("jq", "2"), ...fresh, [cache]: "what jq 1 was" },
      commands: {
        ...policy("jq", offer("jq", "1")),
        [`${apt} install --allow-downgrades -- jq=1`]: set(entry("jq", "1")),
      },
    },
    wish: { package: "jq", version: "1", allow_downgrade: true },
    does: [`remove ${cache}`, `run ${apt} install --allow-downgrades -- jq=1`],
  },
  "fetches the lists when they lack it": {
    given: has("", {
      ...update,
      [`${apt} update`]: edits("/var/lib/apt/lists/deb_Packages", () => "nginx"),
      "apt-cache policy -- nginx": (files) =>
        files.has("/var/lib/apt/lists/deb_Packages") ? offer("nginx", "1") : "",
      [`${apt} install -- nginx`]: set(entry("nginx", "1")),
    }),
    wish: { package: "nginx" },
    does: [...updated, `run ${apt} install -- nginx`],
  },
  "does not when told not to": {
    given: has("", {
      ...policy("nginx", offer("nginx", "1")),
      [`${apt} install -- nginx`]: set(entry("nginx", "1")),
    }),
    wish: { package: "nginx", update_cache: false },
    does: [`run ${apt} install -- nginx`],
  },
  "finishes what was left half-way, in the version that it has": {
    given: has(entry("nginx", "1", "install ok half-configured"), {
      ...policy("nginx", offer("nginx", "2")),
      "dpkg --configure -a --force-confdef --force-confold": set(entry("nginx", "1")),
    }),
    wish: { package: "nginx" },
    does: ["run dpkg --configure -a --force-confdef --force-confold"],
    says: { "package nginx": ["half-configured", "installed"] },
  },
  "lets apt bring what that needs": {
    given: has(
      entry("nginx", "1", "install ok unpacked") + entry("jq", "1", "x ok triggers-pending"),
      {
        ...policy("nginx jq", offer("nginx", "1"), offer("jq", "2")),
        ...policy("nginx", offer("nginx", "1")),
        "dpkg --configure -a --force-confdef --force-confold": (files) => {
          files.set(status, entry("nginx", "1", "install ok unpacked") + entry("jq", "1"));
          return { code: 1, stdout: "", stderr: "dependency problems" };
        },
        [`${apt} install -- nginx`]: set(entry("nginx", "1") + entry("jq", "1")),
      },
    ),
    wish: { package: ["nginx", "jq"] },
    does: [
      "run dpkg --configure -a --force-confdef --force-confold",
      `run ${apt} install -- nginx`,
    ],
  },
  "finishes what others have left half-way": {
    given: has("", {
      ...policy("nginx", offer("nginx", "1")),
      [`${apt} install -- nginx`]: (files) => {
        if (!files.has("/run/configured"))
          return {
            code: 100,
            stdout: "",
            stderr: "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'",
          };
        files.set(status, entry("nginx", "1"));
        return "";
      },
      "dpkg --configure -a --force-confdef --force-confold": edits("/run/configured", () => ""),
    }),
    wish: { package: "nginx" },
    does: [
      `run ${apt} install -- nginx`,
      "run dpkg --configure -a --force-confdef --force-confold",
      `run ${apt} install -- nginx`,
    ],
  },
  "installs one version": {
    given: has(entry("nginx", "1.21"), {
      ...policy("nginx", offer("nginx", "1.22")),
      [`${apt} install -- nginx=1.22`]: set(entry("nginx", "1.22")),
    }),
    wish: { package: "nginx", version: 1.22 },
    does: [`run ${apt} install -- nginx=1.22`],
    says: { "package nginx": ["1.21", "1.22"] },
  },
  "says which versions there are when it is none of them": {
    given: has(entry("nginx", "1.21"), policy("nginx", offer("nginx", "1.22"))),
    wish: { package: "nginx", version: "1.23", update_cache: false },
    does: [],
    ends: "failed",
    because: "apt has no version 1.23 of nginx to install (it has 1.22)",
  },
  "does not go back unasked": {
    given: has(entry("nginx", "1.22-2")),
    wish: { package: "nginx", version: "1.22-1" },
    does: [],
    ends: "failed",
    because: "is at 1.22-2, which is newer than 1.22-1 (say allow_downgrade",
  },
  "goes back when told": {
    given: has(entry("nginx", "2"), {
      ...policy("nginx", offer("nginx", "1")),
      [`${apt} install --allow-downgrades -- nginx=1`]: set(entry("nginx", "1")),
    }),
    wish: { package: "nginx", version: "1", allow_downgrade: true },
    does: [`run ${apt} install --allow-downgrades -- nginx=1`],
  },
  "follows the latest": {
    given: has(entry("nginx", "1") + entry("jq", "5"), {
      ...policy("nginx jq", offer("nginx", "2"), offer("jq", "5")),
      ...policy("nginx", offer("nginx", "2")),
      [`${apt} install -- nginx`]: set(entry("nginx", "2") + entry("jq", "5")),
    }),
    wish: { package: ["nginx", "jq"], state: "latest", update_cache: false },
    does: [`run ${apt} install -- nginx`],
    says: { "package nginx": ["1", "2"] },
  },
  "leaves what somebody holds back": {
    given: has(entry("nginx", "1", "hold ok installed"), policy("nginx", offer("nginx", "2"))),
    wish: { package: "nginx", state: "latest", update_cache: false },
    does: [],
  },
  "holds a version back": {
    given: has(entry("nginx", "1"), {
      "apt-mark hold -- nginx": set(entry("nginx", "1", "hold ok installed")),
    }),
    wish: { package: "nginx", lock_version: true },
    does: ["run apt-mark hold -- nginx"],
    says: { "hold nginx": ["false", "true"] },
  },
  removes: {
    given: has(entry("nginx", "1"), {
      ...going("remove -- nginx", "nginx"),
      [`${apt} remove -- nginx`]: set(entry("nginx", "1", "deinstall ok config-files")),
    }),
    wish: { package: "nginx", state: "absent" },
    does: [`run ${apt} remove -- nginx`],
    says: { "package nginx": ["1", undefined] },
  },
  "says what goes along, and leaves what was idle before": {
    given: has(entry("libx", "1") + entry("app", "2") + entry("data", "3") + entry("idle", "4"), {
      ...going("--auto-remove remove -- libx:amd64", "app", "libx", "data", "idle"),
      ...going("autoremove", "idle"),
      [`${apt} remove -- libx:amd64 app libx data`]: set(entry("idle", "4")),
    }),
    wish: { package: "libx:amd64", state: "absent", autoremove: true },
    does: [`run ${apt} remove -- libx:amd64 app libx data`],
    says: {
      "package libx:amd64": ["1", undefined],
      "package app": ["2", undefined],
      "package data": ["3", undefined],
    },
  },
  "removes what was cut short when it is whole": {
    given: has(entry("nginx", "1", "install reinstreq half-installed"), {
      ...policy("nginx", offer("nginx", "1")),
      [`${apt} install -- nginx`]: set(entry("nginx", "1")),
      [`${apt} -o Dpkg::Options::=--force-remove-reinstreq remove -- nginx`]: set(""),
    }),
    wish: { package: "nginx", state: "absent" },
    does: [
      `run ${apt} install -- nginx`,
      `run ${apt} -o Dpkg::Options::=--force-remove-reinstreq remove -- nginx`,
    ],
    says: { "package nginx": ["half-installed", undefined] },
  },
  "removes what was held back": {
    given: has(entry("nginx", "1", "hold ok installed"), {
      ...going("remove -- nginx", "nginx"),
      "apt-mark unhold -- nginx": set(entry("nginx", "1")),
      [`${apt} remove -- nginx`]: set(""),
    }),
    wish: { package: "nginx", state: "absent" },
    does: ["run apt-mark unhold -- nginx", `run ${apt} remove -- nginx`],
  },
  "is content with what a removal leaves": {
    given: has(entry("nginx", "1", "deinstall ok config-files")),
    wish: { package: "nginx", state: "absent" },
    does: [],
  },
  "purges that too when told": {
    given: has(entry("nginx", "1", "deinstall ok config-files"), {
      ...going("--auto-remove remove -- nginx", "nginx"),
      ...going("autoremove"),
      [`${apt} --allow remove --purge -- nginx`]: set(""),
    }),
    wish: { package: "nginx", state: "absent", purge: true, autoremove: true, flags: ["--allow"] },
    does: [`run ${apt} --allow remove --purge -- nginx`],
    says: { "package nginx": ["configuration only", undefined] },
  },
  "is blocked by a repository that does not answer": {
    given: has("", {
      ...policy("nginx", offer("nginx", "1")),
      [`${apt} install -- nginx`]: {
        code: 100,
        stdout: "",
        stderr: "E: Failed to fetch http://deb/nginx  Could not connect",
      },
    }),
    wish: { package: "nginx" },
    does: [`run ${apt} install -- nginx`],
    ends: "blocked",
    because: "a repository does not answer",
  },
  "is blocked by another package manager": {
    given: has("", {
      ...policy("nginx", offer("nginx", "1")),
      [`${apt} install -- nginx`]: {
        code: 100,
        stdout: "",
        stderr:
          "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (unattended-upgr)",
      },
    }),
    wish: { package: "nginx" },
    does: [`run ${apt} install -- nginx`],
    ends: "blocked",
    because:
      "process 7 (unattended-upgr) (another package manager holds the lock, and was waited for up to 120 s",
  },
  "fails where the name is wrong, and gives apt no word that it would take for another": {
    given: has(entry("nginx", "1"), { ...policy("nginx-"), ...update }),
    wish: { package: "nginx-" },
    does: updated,
    ends: "failed",
    because: "apt finds no package to install: nginx- (is the name right",
  },
  "gives apt none at all when it does not know one of them": {
    given: has("", policy("nginx node.js", offer("nginx", "1"), offer("node-js", "1"))),
    wish: { package: ["nginx", "node.js"], update_cache: false },
    does: [],
    ends: "failed",
    because: "apt finds no package to install: node.js (is the name right",
  },
  "asks apt for what a pin is against, when flags may say otherwise": {
    given: has("", {
      ...policy("nginx", offer("nginx", "1").replace("Candidate: 1", "Candidate: (none)")),
      [`${apt} -t backports install -- nginx`]: set(entry("nginx", "1")),
    }),
    wish: { package: "nginx", flags: ["-t", "backports"], update_cache: false },
    does: [`run ${apt} -t backports install -- nginx`],
  },
  "follows the latest of the machine's own architecture": {
    given: has(entry("nginx", "1"), {
      ...policy("nginx:amd64", offer("nginx", "2")),
      [`${apt} install -- nginx:amd64`]: set(entry("nginx", "2")),
    }),
    wish: { package: "nginx:amd64", state: "latest", update_cache: false },
    does: [`run ${apt} install -- nginx:amd64`],
    says: { "package nginx:amd64": ["1", "2"] },
  },
  "sees by dpkg's journal what was cut short": {
    given: {
      ...has("", policy("nginx", offer("nginx", "1"))),
      files: {
        ...fresh,
        [status]: entry("nginx", "1"),
        "/var/lib/dpkg/updates/0000": entry("nginx", "1", "install reinstreq half-configured"),
        "/var/lib/dpkg/updates/0001": entry("nginx", "1", "install reinstreq half-installed"),
        "/var/lib/dpkg/updates/tmp.i": "#padding\n",
      },
      commands: {
        ...policy("nginx", offer("nginx", "1")),
        [`${apt} install -- nginx`]: (files) => {
          for (const name of ["0000", "0001"]) files.delete(`/var/lib/dpkg/updates/${name}`);
          return "";
        },
      },
    },
    wish: { package: "nginx" },
    does: [`run ${apt} install -- nginx`],
    says: { "package nginx": ["half-installed", "installed"] },
  },
  "tells of which package it is that dpkg cannot set up": {
    given: has("", {
      ...policy("nginx", offer("nginx", "1")),
      [`${apt} install -- nginx`]: {
        code: 100,
        stdout:
          "Setting up breaks (1) ...\r\ndpkg: error processing package breaks (--configure):\r\n installed breaks package post-installation script subprocess returned error exit status 3\r\n",
        stderr: "E: Sub-process /usr/bin/dpkg returned an error code (1)",
      },
    }),
    wish: { package: "nginx" },
    does: [`run ${apt} install -- nginx`],
    ends: "failed",
    because:
      "package breaks (--configure): installed breaks package post-installation script subprocess returned error exit status 3; E: Sub-process /usr/bin/dpkg returned an error code (1) (as long as this package is broken",
  },
  "fails where apt itself is missing": {
    given: has("", {
      "apt-cache policy -- nginx": { code: 127, stdout: "", stderr: "apt-cache: not found" },
    }),
    wish: { package: "nginx" },
    does: [],
    ends: "failed",
    because: "exit 127: apt-cache: not found (apt-cache is not installed: declare the package that",
  },
  "fails where there is no backend": {
    given: { os: { family: "gentoo", distro: "gentoo" } },
    wish: { package: "nginx" },
    does: [],
    ends: "failed",
    because: "not for gentoo",
  },
});

cases(packageType, {
  "fetches old lists for latest": {
    given: {
      files: { [status]: entry("nginx", "1") },
      commands: {
        ...policy("nginx", offer("nginx", "1")),
        ...update,
        "touch /var/lib/apt/periodic/update-success-stamp": (files) => {
          for (const path of Object.keys(fresh)) files.set(path, "");
          return "";
        },
      },
      now: new Date(0),
    },
    wish: { package: "nginx", state: "latest" },
    does: updated,
    says: { lists: ["never fetched", "fetched"] },
  },
});

test("says whom it waits for", async () => {
  const { host } = fakeHost({
    nodes: { "/var/lib/dpkg/lock-frontend": { inode: "7:99" } },
    files: {
      "/var/lib/dpkg/lock-frontend": "",
      "/proc/locks": "1: POSIX  ADVISORY  WRITE 4711 00:2b:99 0 EOF\n",
      "/proc/4711/comm": "unattended-upgr\n",
    },
  });
  const told: string[] = [];
  const seconds = 120;
  await tellWaiting(
    { ...host, tell: (it) => told.push(it) },
    ["/var/lib/dpkg/lock-frontend"],
    seconds,
  );
  expect(told).toEqual([
    "waiting up to 120 s for unattended-upgr (process 4711), which holds /var/lib/dpkg/lock-frontend",
  ]);
});

test.each([
  [{ package: ["a", "b"], version: "1" }, "version: is for one package"],
  [{ package: "a b" }, "package: must be the name of a package"],
  [{ package: [] }, "package: "],
])("refuses %j", (wish, message) => {
  const { error } = packageType.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("owns each package", () => {
  expect(claimsOf(packageType, packageType.params.parse({ package: ["a0", "b0"] }))).toEqual([
    { id: "package:a0" },
    { id: "package:b0" },
  ]);
});
