import { expect, test } from "bun:test";
import { packageSet } from "../../src/core/resources/package_set.ts";
import { parseRemoval } from "../../src/core/tools/dnf.ts";
import { cases } from "../support/cases.ts";
import { edits } from "../support/fake-host.ts";

const status = "/var/lib/dpkg/status";
const entry = (name: string, more = "") =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n${more}\n`;
const base = entry("dpkg", "Essential: yes\n") + entry("apt", "Priority: important\n");
const given = (names: readonly string[], commands = {}) => ({
  files: {
    [status]: base + names.map((name) => entry(name)).join(""),
    "/var/lib/apt/extended_states":
      "Package: libcurl4\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: nginx\nArchitecture: amd64\nAuto-Installed: 0\n",
  },
  commands,
});
const remove =
  "apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120 remove --purge -- htop telnet";

cases(packageSet, {
  "is content with what is declared, needed, kept or in every system": {
    given: given(["nginx", "libcurl4", "linux-image-6.1", "vigo"]),
    wish: { packages: ["nginx", "jq"], keep: ["linux-*"] },
    does: [],
  },
  "is content with what the declared ones need, whoever installed that": {
    given: {
      files: {
        [status]:
          base +
          entry("nginx", "Depends: nginx-abi-1, nginx-common (<< 2) | other\n") +
          entry("nginx-common", "Provides: nginx-abi-1\nPre-Depends: libc6:any (>= 2)\n") +
          entry("libc6"),
      },
    },
    wish: { packages: ["nginx"] },
    does: [],
  },
  "reports the others": {
    given: given(["nginx", "telnet", "htop"]),
    wish: { packages: ["nginx"] },
    does: [],
    ends: "failed",
    because: "2 packages are installed and not declared: htop, telnet (declare them",
  },
  "purges the others": {
    given: given(["nginx", "telnet", "htop"], {
      "apt-get -s -q remove -- htop telnet": "Remv htop [1]\nRemv telnet [1]\n",
      [remove]: edits(status, () => base + entry("nginx")),
    }),
    wish: { packages: ["nginx"], action: "purge" },
    does: [`run ${remove}`],
    says: { "package htop": ["1", undefined], "package telnet": ["1", undefined] },
  },
  "tells packages of another architecture apart": {
    given: {
      files: {
        [status]:
          base +
          entry("zlib1g") +
          ["zlib1g", "wine32", "libx"]
            .map((name) => entry(name).replace("amd64", "i386"))
            .join("") +
          entry("libx"),
        "/var/lib/apt/extended_states": ["zlib1g:amd64", "libx:i386"]
          .map((it) => `Package: ${it.replace(":", "\nArchitecture: ")}\nAuto-Installed: 1\n`)
          .join("\n"),
      },
    },
    wish: { packages: ["nginx"] },
    does: [],
    ends: "failed",
    because: "3 packages are installed and not declared: libx, wine32:i386, zlib1g:i386 (declare",
  },
  "takes what is declared for any architecture of it": {
    given: { files: { [status]: base + entry("wine32").replace("amd64", "i386") } },
    wish: { packages: ["wine32"] },
    does: [],
  },
  "finishes a purge that was killed in its midst": {
    given: {
      files: {
        [status]:
          base +
          entry("htop").replace("install ok installed", "purge ok config-files") +
          entry("telnet").replace("install ok installed", "purge ok half-installed") +
          entry("jq").replace("install ok installed", "deinstall ok config-files"),
      },
      commands: {
        "apt-get -s -q remove -- htop telnet": "Remv htop [1]\nRemv telnet [1]\n",
        [remove]: edits(status, () => base),
      },
    },
    wish: { packages: ["nginx"], action: "purge" },
    does: [`run ${remove}`],
  },
  "takes nothing that is declared with them": {
    given: given(["nginx", "nginx-common"], {
      "apt-get -s -q remove -- nginx-common": "Remv nginx [1]\nRemv nginx-common [1]\n",
    }),
    wish: { packages: ["nginx"], action: "purge" },
    does: [],
    ends: "failed",
    because: "removing nginx-common would take nginx, which is declared",
  },
  "of pacman": {
    given: {
      os: { family: "arch", distro: "arch" },
      files: {
        "/var/lib/pacman/local/htop-3.2-1/files": "",
        "/var/lib/pacman/local/jq-1-1/files": "",
      },
      commands: {
        "pacman -Qqe": (files) =>
          ["htop", "jq"]
            .filter((name) => [...files.keys()].some((path) => path.includes(`/${name}-`)))
            .join("\n"),
        "pacman -Rcp --print-format %n -- htop": "htop\n",
        "pacman --noconfirm -Rn -- htop": (files) => {
          files.delete("/var/lib/pacman/local/htop-3.2-1/files");
          return "";
        },
      },
    },
    wish: { packages: ["jq"], action: "purge" },
    does: ["run pacman --noconfirm -Rn -- htop"],
    says: { "package htop": ["3.2-1", undefined] },
  },
  "of apk, whose world says it": {
    given: {
      os: { family: "alpine", distro: "alpine" },
      files: {
        "/etc/apk/world": "alpine-base\nhtop=3.2-r0\n!busybox\njq@edge\n",
        "/lib/apk/db/installed": "C:Q1\nP:htop\nV:3.2-r0\n\nP:jq\nV:1-r0\n",
      },
      commands: {
        "apk --no-progress --wait 120 del --purge -- htop": edits(
          "/etc/apk/world",
          () => "alpine-base\njq\n",
        ),
      },
    },
    wish: { packages: ["alpine-base", "jq"], action: "purge" },
    does: ["run apk --no-progress --wait 120 del --purge -- htop"],
  },
  "is not for a manager that does not know": {
    given: { os: { family: "rhel", distro: "centos" }, files: { "/usr/bin/yum": "" } },
    wish: { packages: ["jq"] },
    does: [],
    ends: "failed",
    because: "not for yum",
  },
});

test("reads what dnf would take, wherever its lines break", () => {
  const printed = `Dependencies resolved.
=====
 Package      Arch    Version  Repository  Size
=====
Removing:
 hello        noarch  1.1-1    @lab        6
Removing dependent packages:
 a-package-with-a-long-name-that-does-not-fit
              noarch  2-1      @lab        6

Transaction Summary
=====
Remove  2 Packages
`;
  expect(parseRemoval(printed)).toEqual(["hello", "a-package-with-a-long-name-that-does-not-fit"]);
});
