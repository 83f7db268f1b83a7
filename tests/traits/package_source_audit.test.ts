import { describe, expect, test } from "bun:test";
import { packageSourceAudit } from "../../src/core/traits/package_source_audit.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const short = async (family: string, files: Record<string, string>) => {
  const { host } = fakeHost({ os: { family }, files });
  const value = await collect(packageSourceAudit, host);
  return value?.sources.map((it) => [it.kind, it.line, it.url, it.suite, it.enabled, it.signed_by]);
};

describe("package_source_audit", () => {
  test("of apt, in both forms; credentials stay where they are", async () => {
    const found = await short("debian", {
      "/etc/apt/sources.list": [
        "# my mirror",
        "deb [arch=amd64 signed-by=/k.gpg] https://user:secret@mirror.example/debian bookworm main contrib # x",
        "#deb-src http://deb.example/debian bookworm main",
        "deb [trusted=yes] file:/srv/repo ./",
      ].join("\n"),
      "/etc/apt/sources.list.d/debian.sources": [
        "# a comment",
        "Types: deb deb-src",
        "URIs: http://deb.example/debian",
        "Suites: bookworm bookworm-updates",
        "Components: main",
        " non-free-firmware",
        "Signed-By:",
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        "",
        "Types: deb",
        "URIs: http://ppa.example/",
        "Suites: noble",
        "Enabled: no",
      ].join("\n"),
      "/etc/apt/sources.list.d/old.list.save": "deb http://gone.example/ x y\n",
    });
    expect(found).toEqual([
      ["deb", 2, "https://mirror.example/debian", "bookworm main contrib", true, "/k.gpg"],
      ["deb-src", 3, "http://deb.example/debian", "bookworm main", false, "yes"],
      ["deb", 4, "file:/srv/repo", "./", true, ""],
      ["deb", 2, "http://deb.example/debian", "bookworm main non-free-firmware", true, "inline"],
      [
        "deb",
        2,
        "http://deb.example/debian",
        "bookworm-updates main non-free-firmware",
        true,
        "inline",
      ],
      [
        "deb-src",
        2,
        "http://deb.example/debian",
        "bookworm main non-free-firmware",
        true,
        "inline",
      ],
      [
        "deb-src",
        2,
        "http://deb.example/debian",
        "bookworm-updates main non-free-firmware",
        true,
        "inline",
      ],
      ["deb", 11, "http://ppa.example/", "noble", false, "yes"],
    ]);
  });

  test("of dnf and zypper", async () => {
    const repo = [
      "[main]",
      "gpgcheck=1",
      "[baseos]",
      "name=Rocky Linux $releasever - BaseOS",
      "mirrorlist=https://mirrors.example/mirrorlist?arch=$basearch&repo=BaseOS-$releasever",
      "enabled=1",
      "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9",
      "[internal]",
      "baseurl=https://bot:pw@repo.example/el9/ https://two.example/",
      "enabled = 0",
      "gpgkey=https://bot:pw@repo.example/key",
      "gpgcheck = 1",
    ].join("\n");
    const found = [
      [
        "rpm",
        3,
        "https://mirrors.example/mirrorlist?arch=$basearch&repo=BaseOS-$releasever",
        "baseos",
        true,
        "file:///etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9",
      ],
      ["rpm", 8, "https://repo.example/el9/", "internal", false, "https://repo.example/key"],
    ];
    expect(await short("rhel", { "/etc/yum.repos.d/rocky.repo": repo })).toEqual(found);
    expect(await short("suse", { "/etc/zypp/repos.d/oss.repo": repo })).toEqual(found);
  });

  test("of Alpine and Arch", async () => {
    const repositories =
      "https://dl.example/alpine/v3.20/main\n#https://dl.example/alpine/v3.20/community\n@edge https://dl.example/alpine/edge/main\n";
    expect(await short("alpine", { "/etc/apk/repositories": repositories })).toEqual([
      ["apk", 1, "https://dl.example/alpine/v3.20/main", "", true, "yes"],
      ["apk", 2, "https://dl.example/alpine/v3.20/community", "", false, "yes"],
      ["apk", 3, "https://dl.example/alpine/edge/main", "@edge", true, "yes"],
    ]);
    const found = await short("arch", {
      "/etc/pacman.conf":
        "[options]\nSigLevel = Required\n[core]\nInclude = /etc/pacman.d/mirrorlist\n[own]\nSigLevel = Never\nServer = https://own.example/$arch\n",
      "/etc/pacman.d/mirrorlist":
        "# mirrors\n#Server = https://a.example\nServer = https://b.example/$repo/os/$arch\n",
    });
    expect(found).toEqual([
      ["pacman", 3, "https://b.example/$repo/os/$arch", "core", true, "yes"],
      ["pacman", 5, "https://own.example/$arch", "own", true, ""],
    ]);
  });

  test("counts what nobody has to have signed", async () => {
    const files = {
      "/etc/apt/sources.list":
        "deb [trusted=yes] http://a.example/ x y\n#deb [trusted=yes] http://b.example/ x y\n",
    };
    expect(await collect(packageSourceAudit, fakeHost({ files }).host)).toMatchObject({
      unsigned_count: 1,
    });
    expect(
      await collect(packageSourceAudit, fakeHost({ os: { family: "nixos" } }).host),
    ).toBeUndefined();
  });
});
