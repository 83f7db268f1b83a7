import { expect, test } from "bun:test";
import { parsePolicy } from "../../../src/core/tools/apt-policy.ts";

test("reads what apt-cache policy prints", () => {
  const found = parsePolicy(`bash:
  Installed: 5.2.15-2+b8
  Candidate: 5.2.15-2+b13
  Version table:
     5.2.15-2+b13 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
 *** 5.2.15-2+b8 100
        100 /var/lib/dpkg/status
old:
  Installed: 1
  Candidate: (none)
  Version table:
     1 -1
        100 /var/lib/dpkg/status
only-provided:
  Installed: (none)
  Candidate: (none)
  Version table:
`);
  expect([...found]).toEqual([
    ["bash", { candidate: "5.2.15-2+b13", versions: ["5.2.15-2+b13", "5.2.15-2+b8"] }],
    ["old", { candidate: undefined, versions: ["1"] }],
  ]);
});
