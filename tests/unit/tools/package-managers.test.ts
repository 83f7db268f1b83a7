/** What package managers print, in the forms that their manuals give and their programs have been seen to write. */
import { describe, expect, test } from "bun:test";
import { parseInstalled, parseList } from "../../../src/core/tools/apk.ts";
import { autoInstalled } from "../../../src/core/tools/apt.ts";
import { parseBrewList, parseBrewOutdated } from "../../../src/core/tools/brew.ts";
import { parseChocoList, parseChocoOutdated } from "../../../src/core/tools/choco.ts";
import { parseCheckUpdate, parseVersionLocks } from "../../../src/core/tools/dnf.ts";
import { lockHolder } from "../../../src/core/tools/package-lock.ts";
import { packageManagerOf } from "../../../src/core/tools/package-managers.ts";
import {
  parseIgnored,
  parseInfo,
  parseLocal,
  parseUpgrades,
} from "../../../src/core/tools/pacman.ts";
import { parseRpmList } from "../../../src/core/tools/rpm.ts";
import { parseScoopExport, parseScoopStatus } from "../../../src/core/tools/scoop.ts";
import { parseWingetTable } from "../../../src/core/tools/winget.ts";
import { parseLocks, parseSearch, parseUpdates } from "../../../src/core/tools/zypper.ts";
import { fakeHost } from "../../support/fake-host.ts";

const plain = (map: ReadonlyMap<string, unknown>) => Object.fromEntries(map);

test("rpm -qa: of several kernels the newest; keys are no packages", () => {
  const printed =
    "kernel\t5.14.0-362.el9\tx86_64\nkernel\t5.14.0-70.el9\tx86_64\nbind\t32:9.16-1\tx86_64\ngpg-pubkey\tfd431d51-4ae0493b\t(none)\n";
  expect(plain(parseRpmList(printed))).toEqual({
    kernel: "5.14.0-362.el9",
    "kernel.x86_64": "5.14.0-362.el9",
    bind: "32:9.16-1",
    "bind.x86_64": "32:9.16-1",
  });
});

describe("dnf", () => {
  test("check-update, with a line that it broke and obsoletes behind", () => {
    const printed = `
bash.x86_64                       5.1.8-9.el9                  baseos
python3-setuptools-wheel-with-a-long-name.noarch
                                  53.0.0-13.el9                baseos
openssl.x86_64                    1:3.0.7-27.el9               baseos
Obsoleting Packages
dnf-plugin.noarch                 4.3.0-13.el9                 baseos
    old-plugin.noarch             4.0.0-1.el9                  @baseos
`;
    const found = parseCheckUpdate(printed);
    expect([...found.keys()].filter((name) => !/\.(?:noarch|x86_64)$/.test(name))).toEqual([
      "bash",
      "python3-setuptools-wheel-with-a-long-name",
      "openssl",
    ]);
    expect(found.get("openssl.x86_64")).toBe("1:3.0.7-27.el9");
  });

  test("locks of dnf, of yum and of dnf5; what is excluded is not held", () => {
    const text = `# Added lock on Sat Nov 21 08:41:17 2026
bash-0:5.1.8-9.el9.*
2:vim-enhanced-8.2-1.el7.*
!kernel-0:5.14-1.el9.*
[[packages]]
name = "acl"
`;
    expect(plain(parseVersionLocks(text))).toEqual({
      bash: ["0:5.1.8-9.el9"],
      "vim-enhanced": ["2:8.2-1.el7"],
      acl: [""],
    });
  });
});

describe("zypper", () => {
  test("list-updates and search, in XML", () => {
    const updates =
      '<update kind="package" name="bash" edition="5.2-1" arch="x86_64" edition-old="5.1-1">\n<summary>a &lt;b&gt;</summary>';
    expect(plain(parseUpdates(updates))).toEqual({ bash: "5.2-1", "bash.x86_64": "5.2-1" });
    const search = `<solvable status="other-version" name="bash" kind="package" edition="5.2-1" arch="x86_64" repository="Main"/>
<solvable status="installed" name="bash" kind="package" edition="5.1-1" arch="x86_64" repository="(System Packages)"/>`;
    expect(parseSearch(search).get("bash")).toEqual(["5.2-1"]);
  });

  test("locks, of packages only", () => {
    const text =
      "\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: bash\n\ntype: patch\nsolvable_name: x\n";
    expect([...parseLocks(text)]).toEqual(["bash"]);
  });
});

describe("pacman", () => {
  test("what is there, and what is not to be upgraded", () => {
    const ignored = parseIgnored("#IgnorePkg = no\nIgnorePkg   = linux  bash\n IgnorePkg=zsh\n");
    const found = parseLocal(["ALPM_DB_VERSION", "bash-5.2.026-2", "gtk-doc-1:1.33-1"], ignored);
    expect(plain(found)).toEqual({
      bash: { version: "5.2.026-2", status: "installed", held: true },
      "gtk-doc": { version: "1:1.33-1", status: "installed", held: false },
    });
  });

  test("-Qu and -Si", () => {
    expect(plain(parseUpgrades("bash 5.1-1 -> 5.2-1\nlinux 6.5-1 -> 6.6-1 [ignored]\n"))).toEqual({
      bash: "5.2-1",
    });
    const info = "Repository      : core\nName            : bash\nVersion         : 5.2-1\n\n";
    expect(plain(parseInfo(`${info}${info.replace("5.2", "5.1")}`))).toEqual({ bash: "5.2-1" });
  });
});

describe("apk", () => {
  test("its database and its world", () => {
    const database = "C:Q1abc=\nP:bash\nV:5.2.15-r5\nA:x86_64\n\nP:jq\nV:1.7-r0\n\n";
    expect(plain(parseInstalled(database, "alpine-base\nbash=5.2.15-r5\njq\n"))).toEqual({
      bash: { version: "5.2.15-r5", status: "installed", held: true },
      jq: { version: "1.7-r0", status: "installed", held: false },
    });
  });

  test("list, of several repositories the newest", () => {
    const printed = `bash-5.2.15-r5 x86_64 {bash} (GPL-3.0-or-later) [upgradable from: bash-5.2.15-r0]
py3-foo-bar-1.10-r0 x86_64 {py3-foo-bar} (MIT)
py3-foo-bar-1.9-r3 x86_64 {py3-foo-bar} (MIT)
`;
    expect(plain(parseList(printed))).toEqual({ bash: "5.2.15-r5", "py3-foo-bar": "1.10-r0" });
  });
});

test("brew: several versions of a formula, pins, and what is outdated", () => {
  const list = parseBrewList("jq 1.6 1.7.1\nnode@20 20.11.0\n\nfirefox 122.0", "node@20\n");
  expect(plain(list)).toEqual({
    jq: { version: "1.7.1", status: "installed", held: false },
    "node@20": { version: "20.11.0", status: "installed", held: true },
    firefox: { version: "122.0", status: "installed", held: false },
  });
  const outdated =
    '{"formulae":[{"name":"jq","installed_versions":["1.6"],"current_version":"1.7.1","pinned":false,"pinned_version":null}],"casks":[{"name":"firefox","installed_versions":["121.0"],"current_version":"122.0"}]}';
  expect(plain(parseBrewOutdated(outdated))).toEqual({ jq: "1.7.1", firefox: "122.0" });
});

test("choco, with --limit-output: ids in the operator's spelling", () => {
  expect(
    plain(
      parseChocoList("Git.Install|2.43.0\r\n7zip|23.1.0\r\n", "7zip|23.1.0\r\n", ["git.install"]),
    ),
  ).toEqual({
    "git.install": { version: "2.43.0", status: "installed", held: false },
    "7zip": { version: "23.1.0", status: "installed", held: true },
  });
  expect(plain(parseChocoOutdated("Git.Install|2.43.0|2.44.0|false\r\n", ["git.install"]))).toEqual(
    {
      "git.install": "2.44.0",
    },
  );
});

test("winget: columns begin where their headings do", () => {
  const printed = [
    "   - \r   \\ \rName                 Id                         Version    Verfügbar Quelle",
    "----------------------------------------------------------------------------",
    "Git                  Git.Git                    2.43.0     2.44.0    winget",
    "Microsoft Edge       Microsoft.Edge             121.0.2277           winget",
    "2 Aktualisierungen verfügbar.",
  ].join("\r\n");
  expect(parseWingetTable(printed)).toEqual([
    { id: "Git.Git", version: "2.43.0", available: "2.44.0" },
    { id: "Microsoft.Edge", version: "121.0.2277", available: "" },
  ]);
  expect(parseWingetTable("No installed package found matching input criteria.")).toEqual([]);
});

test("scoop: its export, and what is outdated", () => {
  const json =
    '{"buckets":[],"apps":[{"Name":"git","Version":"2.43.0","Source":"main","Info":"Global install, Held package"},{"Name":"jq","Version":"1.6","Source":"main","Info":""}]}';
  expect(plain(parseScoopExport(json))).toEqual({
    git: { version: "2.43.0", status: "installed", held: true },
    jq: { version: "1.6", status: "installed", held: false },
  });
  const status =
    "\nName Installed Version Latest Version Missing Dependencies Info\n---- ----------------- -------------- -------------------- ----\njq   1.6               1.7.1\n";
  expect(plain(parseScoopStatus(status))).toEqual({ jq: "1.7.1" });
});

test("apt's extended states", () => {
  const text =
    "Package: a\nAuto-Installed: 1\n\nPackage: b\nAuto-Installed: 0\n\nPackage: c\nArchitecture: i386\nAuto-Installed: 1\n";
  expect([...autoInstalled(text)]).toEqual(["a:", "c:i386"]);
});

test("who holds a lock, as the kernel says it", () => {
  const text =
    "1: POSIX  ADVISORY  READ  7 00:2b:99 0 EOF\n2: POSIX  ADVISORY  WRITE 4711 00:2b:99 0 EOF\n";
  expect([lockHolder(text, "99"), lockHolder(text, "98")]).toEqual(["4711", undefined]);
});

test.each([
  [{ family: "debian" }, [], "apt"],
  [{ family: "rhel" }, ["/usr/bin/dnf5", "/usr/bin/dnf", "/usr/bin/yum"], "dnf5"],
  [{ family: "rhel" }, ["/usr/bin/dnf", "/usr/bin/yum"], "dnf"],
  [{ family: "rhel" }, ["/usr/bin/yum"], "yum"],
  [{ family: "suse" }, [], "zypper"],
  [{ family: "arch" }, [], "pacman"],
  [{ family: "alpine" }, [], "apk"],
  [{ family: "darwin" }, [], "brew"],
  [{ family: "windows" }, ["C:/ProgramData/chocolatey/bin/choco.exe"], "choco"],
  [{ family: "windows" }, ["C:/ProgramData/scoop/shims/scoop.cmd"], "scoop"],
  [{ family: "windows" }, [], "winget"],
] as const)("%j with %j has %s", async (os, programs, name) => {
  const files = Object.fromEntries(programs.map((path) => [path, ""]));
  expect((await packageManagerOf(fakeHost({ os, files }).host)).name).toBe(name);
});
