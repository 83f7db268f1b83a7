import { expect, test } from "bun:test";
import { tpm } from "../../src/core/traits/tpm.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const folder = "/sys/class/tpm/tpm0";

test.each([
  [{ [`${folder}/tpm_version_major`]: "2\n" }, "2.0"],
  [{ [`${folder}/tpm_version_major`]: "1\n" }, "1.2"],
  [
    { [`${folder}/caps`]: "Manufacturer: 0x49465800\nTCG version: 1.2\nFirmware version: 3.19\n" },
    "1.2",
  ],
  [{ [`${folder}/dev`]: "10:224\n" }, "2.0"],
])("%p", async (files, version) => {
  expect(await collect(tpm, fakeHost({ files }).host)).toEqual({ present: true, version });
});

test("none", async () => {
  expect(await collect(tpm, fakeHost().host)).toEqual({ present: false, version: "" });
});
