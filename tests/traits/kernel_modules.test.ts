import { expect, test } from "bun:test";
import { kernelModules } from "../../src/core/traits/kernel_modules.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

test("by name, with their taint", async () => {
  const files = {
    "/proc/modules": [
      "nvidia 56717312 12 nvidia_modeset, Live 0x0000000000000000 (POE)",
      "ext4 1142784 1 - Live 0xffffffffc0a00000",
      "dying 16384 0 - Unloading 0x0000000000000000",
      "",
    ].join("\n"),
    "/sys/module/nvidia/taint": "POE\n",
    "/sys/module/ext4/taint": "\n",
  };
  expect(await collect(kernelModules, fakeHost({ files }).host)).toEqual({
    modules: [
      { name: "dying", size_bytes: 16_384, state: "unloading", taint: "", signed: true },
      { name: "ext4", size_bytes: 1_142_784, state: "live", taint: "", signed: true },
      { name: "nvidia", size_bytes: 56_717_312, state: "live", taint: "POE", signed: false },
    ],
  });
  expect(await collect(kernelModules, fakeHost().host)).toBeUndefined();
});
