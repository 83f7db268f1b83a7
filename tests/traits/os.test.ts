import { describe, expect, test } from "bun:test";
import { parseOsRelease } from "../../src/core/text/os-release.ts";
import { os } from "../../src/core/traits/os.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

/** Fixture → what it must come to. */
const table = {
  "debian-12": {
    codename: "bookworm",
    upstream_id: "debian",
    upstream_codename: "bookworm",
    pretty_name: "Debian GNU/Linux 12 (bookworm)",
    reboot_required: false,
  },
  "ubuntu-24.04": {
    codename: "noble",
    upstream_id: "debian",
    upstream_codename: "trixie",
    reboot_required: true,
    reboot_reasons: ["linux-base", "linux-image-6.8.0-45-generic"],
  },
  "linuxmint-22": { codename: "wilma", upstream_id: "ubuntu", upstream_codename: "noble" },
  "raspios-12": { upstream_id: "debian", upstream_codename: "bookworm" },
  "rocky-9": {
    codename: "",
    upstream_id: "rhel",
    upstream_codename: "",
    pretty_name: "Rocky Linux 9.4 (Blue Onyx)",
  },
  "alpine-3.20": { codename: "", pretty_name: "Alpine Linux v3.20" },
  "opensuse-leap-15.6": { upstream_id: "suse", reboot_required: true, reboot_reasons: [] },
  archlinux: { codename: "", pretty_name: "Arch Linux" },
};

describe("os", () => {
  test.each(Object.entries(table))("%s", async (name, wanted) => {
    const { host } = fakeHost({ files: await fixture(name) });
    const value = await collect(os, host);
    expect(value).toMatchObject(wanted);
    expect(os.value.safeParse(value)).toMatchObject({ success: true });
  });

  test("takes what the machine is from the machine", async () => {
    const machine = { family: "rhel", distro: "rocky", version: "9.4", arch: "arm64" };
    expect(await collect(os, fakeHost({ os: machine }).host)).toMatchObject({
      ...machine,
      arch_raw: "aarch64",
      init: "systemd",
      machine_id: "",
    });
  });

  test("prefers the file in /etc", async () => {
    const files = {
      "/etc/os-release": "PRETTY_NAME=one",
      "/usr/lib/os-release": "PRETTY_NAME=two",
    };
    expect(await collect(os, fakeHost({ files }).host)).toMatchObject({ pretty_name: "one" });
  });
});

test.each([
  ["NAME=plain", "plain"],
  ["NAME='single \\\" quoted'", 'single \\" quoted'],
  ['NAME="with \\"quotes\\" and \\$5"', 'with "quotes" and $5'],
  ["NAME=first\nNAME=last", "last"],
  ['NAME=""', ""],
  ["# NAME=comment", undefined],
])("os-release %p", (text, value) => expect(parseOsRelease(text).get("NAME")).toBe(value));
