/** Packages of other distributions' managers; Debian's are in package.test.ts. */
import { packageType } from "../../src/core/resources/package.ts";
import { cases } from "../support/cases.ts";
import { type Answer, edits, type FakeInit } from "../support/fake-host.ts";

const rhel = (program: string, rpms: string, commands: FakeInit["commands"] = {}): FakeInit => ({
  os: { family: "rhel", distro: "rocky" },
  files: { [`/usr/bin/${program}`]: "", "/var/lib/rpm/rpmdb.sqlite": rpms },
  commands: {
    "rpm -qa --qf %{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n": (files) =>
      files.get("/var/lib/rpm/rpmdb.sqlite") ?? "",
    ...commands,
  },
});
const rpm = (...packages: readonly string[]) =>
  packages.map((it) => `${it.replace("=", "\t")}\tnoarch\n`).join("");
const rpms = (...packages: readonly string[]): Answer =>
  edits("/var/lib/rpm/rpmdb.sqlite", () => rpm(...packages));
const lockList = "/etc/dnf/plugins/versionlock.list";
const known = (...rows: readonly string[]) => ({
  "dnf -q -C repoquery --qf %{name}.%{arch} %{evr} x\\n -- nginx jq": rows.join("\n"),
});

const installsJq = edits("/var/lib/pacman/local/jq-1.7-1/files", () => "");
const arch = (files: Readonly<Record<string, string>>): FakeInit => ({
  os: { family: "arch", distro: "arch" },
  files,
  commands: {
    "pacman -Si -- jq": "Name : jq\nVersion : 1.7-1\n",
    "sleep 1": "",
    "pacman --noconfirm -S -- jq": installsJq,
    "pacman --noconfirm -S --overwrite * -- jq": installsJq,
    "pacman --noconfirm -S --asdeps --overwrite * -- oniguruma": "",
    "pacman -Rsp --print-format %n -- jq": "jq\noniguruma\n",
    "pacman --noconfirm -Rs -- jq": (all) => {
      all.delete("/var/lib/pacman/local/jq-1.7-1/files");
      return "";
    },
    "pacman --noconfirm -R -- jq": (all) => {
      all.delete("/var/lib/pacman/local/jq-1.7-1/files");
      return "";
    },
  },
});

const quietBrew = "HOMEBREW_NO_ANALYTICS=1 HOMEBREW_NO_ENV_HINTS=1 HOMEBREW_NO_COLOR=1";
const brew = (env: string, words: string) =>
  `sudo -H -u #501 -- env ${quietBrew} ${env} /opt/homebrew/bin/brew ${words}`;
const asksBrew = (words: string) => brew("HOMEBREW_NO_AUTO_UPDATE=1", words);
const changesBrew = (words: string) => brew("HOMEBREW_NO_AUTOREMOVE=1", words);
const mac = (formulae: string, commands: FakeInit["commands"]): FakeInit => ({
  os: { platform: "darwin", family: "darwin", distro: "macos", init: "launchd" },
  nodes: { "/opt/homebrew/bin/brew": { uid: 501 } },
  files: { "/opt/homebrew/bin/brew": "", "/run/formulae": formulae },
  commands: {
    [asksBrew("list --formula --versions")]: (files) => files.get("/run/formulae") ?? "",
    [asksBrew("list --cask --versions")]: "",
    [asksBrew("list --pinned")]: "",
    ...commands,
  },
});

cases(packageType, {
  "of brew, as whoever owns it": {
    given: mac("jq 1.7\n", {
      [changesBrew("install wget")]: edits("/run/formulae", () => "jq 1.7\nwget 1.24.5\n"),
    }),
    wish: { package: ["jq", "wget"] },
    does: [`run ${changesBrew("install wget")}`],
  },
  "of brew, gone, and what that alone has needed with it": {
    given: mac("jq 1.7\noniguruma 6.9\n", {
      [changesBrew("uninstall --zap jq")]: edits("/run/formulae", () => "oniguruma 6.9\n"),
      [changesBrew("autoremove")]: edits("/run/formulae", () => ""),
    }),
    wish: { package: "jq", state: "absent", purge: true, autoremove: true },
    does: [`run ${changesBrew("uninstall --zap jq")}`, `run ${changesBrew("autoremove")}`],
  },
  "of dnf, several in one transaction": {
    given: rhel("dnf", rpm("bash=5-1"), {
      ...known("nginx.noarch 1:1.20-1 x", "jq.noarch 1.6-1 x"),
      "dnf -q -y install -- nginx jq": rpms("nginx=1:1.20-1", "jq=1.6-1"),
    }),
    wish: { package: ["nginx", "jq"] },
    does: ["run dnf -q -y install -- nginx jq"],
  },
  "of dnf, which has to fetch its lists": {
    given: rhel("dnf", "", {
      ...known("jq.noarch 1.6-1 x"),
      "dnf -q -y makecache --refresh": "",
      "dnf -q -y install -- nginx jq": rpms("nginx=1:1.20-1", "jq=1.6-1"),
    }),
    wish: { package: ["nginx", "jq"] },
    does: ["run dnf -q -y makecache --refresh", "run dnf -q -y install -- nginx jq"],
  },
  "of dnf, which installs what provides the name": {
    given: rhel("dnf", rpm("bash=5-1"), {
      ...known("nginx.noarch 1:1.20-1 x", "jq.noarch 1.6-1 x"),
      "dnf -q -y install -- nginx jq": rpms("bash=5-1", "nginx-core=1:1.20-1", "jq=1.6-1"),
    }),
    wish: { package: ["nginx", "jq"] },
    does: ["run dnf -q -y install -- nginx jq"],
    ends: "failed",
    because: "dnf says that it is done, and there is no package nginx (if others provide that name",
  },
  "of dnf, a version without its release will do": {
    given: rhel("dnf", rpm("nginx=1:1.20-1")),
    wish: { package: "nginx", version: "1:1.20" },
    does: [],
  },
  "of dnf, held at what is there": {
    given: rhel("dnf", rpm("nginx=1:1.20-1"), {
      "dnf -q -y versionlock add nginx-1:1.20-1": edits(lockList, () => "nginx-1:1.20-1.*\n"),
    }),
    wish: { package: "nginx", lock_version: true },
    does: ["run dnf -q -y versionlock add nginx-1:1.20-1"],
    says: { "hold nginx": ["false", "true"] },
  },
  "of dnf, gone though it is locked": {
    given: {
      ...rhel("dnf", rpm("nginx=1:1.20-1"), {
        "dnf -C remove --assumeno --setopt=clean_requirements_on_remove=1 -- nginx":
          "Removing:\n nginx noarch 1:1.20-1 @lab 1 k\nRemoving unused dependencies:\n fonts noarch 1-1 @lab 1 k\n\nTransaction Summary\n",
        "dnf -q -y versionlock delete nginx": edits(lockList, () => ""),
        "dnf -q -y --setopt=clean_requirements_on_remove=1 remove -- nginx": rpms(),
      }),
      files: {
        "/usr/bin/dnf": "",
        "/var/lib/rpm/rpmdb.sqlite": rpm("nginx=1:1.20-1"),
        [lockList]: "nginx-1:1.20-1.*\n",
      },
    },
    wish: { package: "nginx", state: "absent", autoremove: true },
    does: [
      "run dnf -q -y versionlock delete nginx",
      "run dnf -q -y --setopt=clean_requirements_on_remove=1 remove -- nginx",
    ],
    says: { "package nginx": ["1:1.20-1", undefined], "package fonts": ["installed", undefined] },
  },
  "of zypper, gone though it is locked, and what needs the other with it": {
    given: {
      os: { family: "suse", distro: "sles" },
      files: {
        "/var/lib/rpm/rpmdb.sqlite": rpm("nginx=1.20-1", "jq=1.6-1", "yq=3-1"),
        "/etc/zypp/locks":
          "type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: nginx\n",
      },
      commands: {
        ...rhel("dnf", "").commands,
        "zypper -n --no-refresh --xmlout remove --dry-run -- jq":
          '<to-remove><solvable type="package" name="jq" edition="1.6-1"/><solvable type="package" name="yq" edition="3-1"/></to-remove>',
        "zypper -n removelock -- nginx": edits("/etc/zypp/locks", () => ""),
        "zypper -n remove -y -- nginx jq": rpms(),
      },
    },
    wish: { package: ["nginx", "jq"], state: "absent" },
    does: ["run zypper -n removelock -- nginx", "run zypper -n remove -y -- nginx jq"],
    says: {
      "package nginx": ["1.20-1", undefined],
      "package jq": ["1.6-1", undefined],
      "package yq": ["3-1", undefined],
    },
  },
  "of yum, back to an older version": {
    given: rhel("yum", rpm("nginx=1.20-1"), {
      "yum -q -C --showduplicates list available -- nginx": "nginx.noarch  1.19-1  lab\n",
      "yum -q -y downgrade -- nginx-1.19-1": rpms("nginx=1.19-1"),
    }),
    wish: { package: "nginx", version: "1.19-1", allow_downgrade: true },
    does: ["run yum -q -y downgrade -- nginx-1.19-1"],
  },
  "of dnf, whose repository does not answer": {
    given: rhel("dnf", "", {
      ...known("nginx.noarch 1.20-1 x", "jq.noarch 1.6-1 x"),
      "dnf -q -y install -- nginx jq": {
        code: 1,
        stdout: "",
        stderr: "Error: Failed to download metadata for repo 'lab': Cannot download repomd.xml",
      },
    }),
    wish: { package: ["nginx", "jq"] },
    does: ["run dnf -q -y install -- nginx jq"],
    ends: "blocked",
    because: "a repository does not answer: look at /etc/yum.repos.d",
  },
  "of pacman, whose lock another one does not give back": {
    given: {
      ...arch({ "/var/lib/pacman/db.lck": "", "/proc/7/comm": "pacman\n" }),
      nodes: { "/proc/7/fd/3": { kind: "symlink", target: "/var/lib/pacman/db.lck" } },
    },
    wish: { package: "jq" },
    does: [],
    ends: "blocked",
    because:
      "db.lck is still held after 120 s (the next run tries again; see what pacman (process 7), which",
  },
  "of pacman, past the lock of one that was killed": {
    given: arch({ "/var/lib/pacman/db.lck": "" }),
    wish: { package: "jq" },
    does: ["remove /var/lib/pacman/db.lck", "run pacman --noconfirm -S -- jq"],
  },
  "of pacman, what one that was killed has begun": {
    given: arch({ "/var/lib/pacman/local/jq-1.7-1/desc": "" }),
    wish: { package: "jq" },
    does: [
      "remove /var/lib/pacman/local/jq-1.7-1",
      "run pacman --noconfirm -S --overwrite * -- jq",
    ],
    says: { "package jq": ["half-installed", "installed"] },
  },
  "of pacman, gone though another one was begun": {
    given: arch({
      "/var/lib/pacman/local/jq-1.7-1/files": "",
      "/var/lib/pacman/local/oniguruma-6-1/mtree": "",
    }),
    wish: { package: "jq", state: "absent" },
    does: [
      "remove /var/lib/pacman/local/oniguruma-6-1",
      "run pacman --noconfirm -S --asdeps --overwrite * -- oniguruma",
      "run pacman --noconfirm -R -- jq",
    ],
  },
  "of pacman, with what it alone has needed": {
    given: arch({ "/var/lib/pacman/local/jq-1.7-1/files": "" }),
    wish: { package: "jq", state: "absent", autoremove: true },
    does: ["run pacman --noconfirm -Rs -- jq"],
    says: { "package jq": ["1.7-1", undefined], "package oniguruma": ["installed", undefined] },
  },
  "of apk, a version that the world then names": {
    given: {
      os: { family: "alpine", distro: "alpine" },
      files: { "/lib/apk/db/installed": "" },
      commands: {
        "apk --no-network list --available -- jq": "jq-1.7-r0 x86_64 {jq} (MIT)\n",
        "apk --no-progress --wait 120 add -- jq=1.7-r0": edits(
          "/lib/apk/db/installed",
          () => "P:jq\nV:1.7-r0\n\n",
        ),
      },
    },
    wish: { package: "jq", version: "1.7-r0" },
    does: ["run apk --no-progress --wait 120 add -- jq=1.7-r0"],
  },
});
