import { describe, expect, test } from "bun:test";
import { packages } from "../../src/core/traits/packages.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

const paragraph = (name: string, arch: string, version: string, status = "install ok installed") =>
  `Package: ${name}\nStatus: ${status}\nArchitecture: ${arch}\nVersion: ${version}\n`;

describe("packages", () => {
  test("of dpkg: foreign ones by their architecture, remains left out", async () => {
    const status = [
      paragraph("bash", "amd64", "5.2.15-2+b7"),
      paragraph("libc6", "amd64", "2.36-9+deb12u10"),
      paragraph("libc6", "i386", "2.36-9+deb12u9"),
      paragraph("tzdata", "all", "2025b-0+deb12u1"),
      paragraph("wine32", "i386", "8.0"),
      paragraph("nano", "amd64", "7.2-1", "deinstall ok config-files"),
    ].join("\n");
    const { host } = fakeHost({ files: { "/var/lib/dpkg/status": status } });
    expect(await collect(packages, host)).toEqual({
      manager: "dpkg",
      count: 5,
      installed: {
        bash: "5.2.15-2+b7",
        libc6: "2.36-9+deb12u10",
        "libc6:i386": "2.36-9+deb12u9",
        tzdata: "2025b-0+deb12u1",
        wine32: "8.0",
      },
    });
  });

  test("of rpm: by name, the newest kernel, no keys", async () => {
    const printed = [
      "bash\t5.1.8-9.el9\tx86_64",
      "openssl-libs\t1:3.2.2-6.el9_5\tx86_64",
      "kernel-core\t5.14.0-503.el9\tx86_64",
      "kernel-core\t5.14.0-570.el9\tx86_64",
      "python3.11\t3.11.11-1.el9\tx86_64",
      "gpg-pubkey\t6fedfc85-682a1c7f\t(none)",
      "",
    ].join("\n");
    const argv = String.raw`rpm -qa --qf %{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\n`;
    const { host } = fakeHost({
      os: { family: "rhel", distro: "rocky" },
      commands: { [argv]: printed },
    });
    expect(await collect(packages, host)).toEqual({
      manager: "rpm",
      count: 4,
      installed: {
        bash: "5.1.8-9.el9",
        "kernel-core": "5.14.0-570.el9",
        "openssl-libs": "1:3.2.2-6.el9_5",
        "python3.11": "3.11.11-1.el9",
      },
    });
  });

  test("of Alpine", async () => {
    const { host } = fakeHost({ os: { family: "alpine" }, files: await fixture("alpine-3.20") });
    expect(await collect(packages, host)).toMatchObject({
      manager: "apk",
      count: 2,
      installed: { musl: "1.2.5-r1", busybox: "1.36.1-r29" },
    });
  });

  test("of Arch, from the names of folders", async () => {
    const local = "/var/lib/pacman/local";
    const files = {
      [`${local}/ALPM_DB_VERSION`]: "9\n",
      [`${local}/gcc-libs-14.2.1+r753+g1cd744a6828f-1/desc`]: "",
      [`${local}/linux-6.12.10.arch1-1/desc`]: "",
      [`${local}/ca-certificates-20240618-1/desc`]: "",
      [`${local}/gtk-update-icon-cache-1:4.16.12-1/desc`]: "",
    };
    const { host } = fakeHost({ os: { family: "arch" }, files });
    expect(await collect(packages, host)).toMatchObject({
      manager: "pacman",
      count: 4,
      installed: {
        "ca-certificates": "20240618-1",
        "gcc-libs": "14.2.1+r753+g1cd744a6828f-1",
        "gtk-update-icon-cache": "1:4.16.12-1",
        linux: "6.12.10.arch1-1",
      },
    });
  });

  test("a system without a database that is known", async () => {
    expect(await collect(packages, fakeHost({ os: { family: "nixos" } }).host)).toBeUndefined();
    expect(await collect(packages, fakeHost().host)).toBeUndefined();
  });
});
