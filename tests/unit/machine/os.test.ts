import { expect, test } from "bun:test";
import { parseOsRelease } from "../../../src/modes/agent/machine/os.ts";

test.each([
  [
    'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n',
    { family: "debian", distro: "debian", version: "12" },
  ],
  [
    "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID='21'",
    { family: "debian", distro: "linuxmint", version: "21" },
  ],
  [
    'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"',
    { family: "rhel", distro: "rocky", version: "9.3" },
  ],
  ["ID=fedora\nVERSION_ID=40", { family: "rhel", distro: "fedora", version: "40" }],
  [
    'ID="opensuse-leap"\nID_LIKE="suse opensuse"',
    { family: "suse", distro: "opensuse-leap", version: "" },
  ],
  ["ID=alpine", { family: "alpine", distro: "alpine", version: "" }],
  ["", { family: "linux", distro: "linux", version: "" }],
])("%j", (text, os) => expect(parseOsRelease(text)).toEqual(os));
