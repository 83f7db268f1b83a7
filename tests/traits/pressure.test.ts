import { describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { parsePressure, pressure } from "../../src/core/traits/pressure.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const some = "some avg10=1.25 avg60=0.50 avg300=0.10 total=123456\n";
const full = "full avg10=0.75 avg60=0.25 avg300=0.05 total=65432\n";
const files = {
  "/proc/pressure/cpu": some,
  "/proc/pressure/io": some + full,
  "/proc/pressure/memory": some.replace("1.25", "0.00") + full,
};

describe("pressure", () => {
  test("of a kernel that says all or only some", async () => {
    expect(await collect(pressure, fakeHost({ files }).host)).toEqual({
      cpu: { some_avg10: 1.25, full_avg10: 0 },
      io: { some_avg10: 1.25, full_avg10: 0.75 },
      memory: { some_avg10: 0, full_avg10: 0.75 },
    });
  });

  test("is absent where the kernel has it switched off; another refusal is one", async () => {
    const { host } = fakeHost({ files });
    const refuse = (code: string) => ({
      ...host,
      read: async () => {
        const cause = Object.assign(new Error(code), { code });
        throw new VigoError("failed", `cannot read: ${code}`, { cause });
      },
    });
    expect(await collect(pressure, refuse("EOPNOTSUPP"))).toBeUndefined();
    expect(await collect(pressure, refuse("EIO")).catch(String)).toContain("EIO");
    expect(await collect(pressure, fakeHost().host)).toBeUndefined();
  });

  test("numbers of any size", () => {
    expect(parsePressure("some avg10=100.00 avg60=0\nfull avg10=99.99\n")).toEqual({
      some_avg10: 100,
      full_avg10: 99.99,
    });
  });
});
