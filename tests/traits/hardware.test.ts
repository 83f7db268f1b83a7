import { expect, test } from "bun:test";
import { countCpus } from "../../src/core/tools/cpu-list.ts";
import { hardware } from "../../src/core/traits/hardware.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

test("reads what x86 says", async () => {
  const { host } = fakeHost({ files: await fixture("debian-12") });
  expect(await collect(hardware, host)).toEqual({
    cpu_count: 2,
    cpu_model: "AMD EPYC",
    cpu_vendor: "AuthenticAMD",
    memory_mb: 24105,
    architecture_bits: 64,
  });
});

test("reads what a board with an ARM processor says", async () => {
  const { host } = fakeHost({ files: await fixture("raspios-12"), os: { arch: "arm64" } });
  expect(await collect(hardware, host)).toEqual({
    cpu_count: 2,
    cpu_model: "Raspberry Pi 4 Model B Rev 1.4",
    cpu_vendor: "ARM",
    memory_mb: 3793,
    architecture_bits: 64,
  });
});

test("never says that there is no processor", async () => {
  const { host } = fakeHost({ os: { arch: "arm" } });
  expect(await collect(hardware, host)).toMatchObject({ cpu_count: 1, architecture_bits: 32 });
});

test.each([
  ["0", 1],
  ["0-3", 4],
  ["0-1,4,6-7", 5],
  ["", 0],
  ["0-", 0],
])("online processors %p", (list, count) => expect(countCpus(list)).toBe(count));
