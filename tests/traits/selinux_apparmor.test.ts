import { describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { parseProfiles, selinuxApparmor } from "../../src/core/traits/selinux_apparmor.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

describe("selinux_apparmor", () => {
  test.each([
    ["1\n", "enforcing"],
    ["0\n", "permissive"],
  ] as const)("of a Fedora that says %p", async (enforce, selinux_mode) => {
    const files = {
      "/sys/fs/selinux/enforce": enforce,
      "/etc/selinux/config":
        "# SELINUXTYPE= can be one of\nSELINUX=enforcing\nSELINUXTYPE=targeted\n",
    };
    expect(await collect(selinuxApparmor, fakeHost({ files }).host)).toEqual({
      selinux_mode,
      selinux_policy: "targeted",
      apparmor_enabled: false,
      apparmor_profiles: {},
    });
  });

  test("of a Debian", async () => {
    const files = {
      "/sys/module/apparmor/parameters/enabled": "Y\n",
      "/sys/kernel/security/apparmor/profiles":
        "/usr/sbin/ntpd (enforce)\nlsb_release (enforce)\nnvidia_modprobe//kmod (complain)\nan odd (one) (kill)\n",
      "/etc/selinux/config": "SELINUXTYPE=targeted\n",
    };
    expect(await collect(selinuxApparmor, fakeHost({ files }).host)).toEqual({
      selinux_mode: "disabled",
      selinux_policy: "",
      apparmor_enabled: true,
      apparmor_profiles: {
        enforce: ["/usr/sbin/ntpd", "lsb_release"],
        complain: ["nvidia_modprobe//kmod"],
        kill: ["an odd (one)"],
      },
    });
  });

  test("without root the profiles stay unknown; another refusal is one", async () => {
    const { host } = fakeHost({ files: { "/sys/module/apparmor/parameters/enabled": "Y\n" } });
    const refusing =
      (code: string): typeof host.read =>
      async (path, options) => {
        if (!path.endsWith("/profiles")) return host.read(path, options);
        throw new VigoError("denied", code, { cause: Object.assign(new Error(code), { code }) });
      };
    const value = await collect(selinuxApparmor, { ...host, read: refusing("EACCES") });
    expect(value).toMatchObject({ apparmor_enabled: true, apparmor_profiles: {} });
    const failing = collect(selinuxApparmor, { ...host, read: refusing("EIO") });
    expect(await failing.catch(String)).toContain("EIO");
  });

  test("no more than two thousand", () => {
    expect(parseProfiles("a (enforce)\n".repeat(5_000))["enforce"]).toHaveLength(2_000);
  });
});
