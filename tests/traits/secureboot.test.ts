import { expect, test } from "bun:test";
import { secureboot } from "../../src/core/traits/secureboot.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const path = (name: string) =>
  `/sys/firmware/efi/efivars/${name}-8be4df61-93ca-11d2-aa0d-00e098032b8c`;
/** Attributes: non-volatile or not, then the value. */
const variable = (value: number) => `\u0006\0\0\0${String.fromCharCode(value)}`;

test.each([
  [1, 0, { enabled: true, setup_mode: false }],
  [0, 1, { enabled: false, setup_mode: true }],
])("SecureBoot %p, SetupMode %p", async (enabled, setup, value) => {
  const files = { [path("SecureBoot")]: variable(enabled), [path("SetupMode")]: variable(setup) };
  expect(await collect(secureboot, fakeHost({ files }).host)).toEqual(value);
});

test("a machine without UEFI", async () => {
  expect(await collect(secureboot, fakeHost().host)).toEqual({ enabled: false, setup_mode: false });
});
