import { expect, test } from "bun:test";
import { battery } from "../../src/core/traits/battery.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const supply = (name: string, fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      `/sys/class/power_supply/${name}/${field}`,
      `${value}\n`,
    ]),
  );

test("the machine's own, not a mouse's, not an empty bay", async () => {
  const files = {
    ...supply("AC", { type: "Mains", online: "1" }),
    ...supply("BAT0", { type: "Battery", present: "1", capacity: "80", status: "Full" }),
    ...supply("BAT1", { type: "Battery", present: "1", capacity: "33", status: "Charging" }),
    ...supply("BAT2", { type: "Battery", present: "0", capacity: "1", status: "Unknown" }),
    ...supply("hidpp_battery_0", { type: "Battery", scope: "Device", capacity: "5" }),
  };
  const value = await collect(battery, fakeHost({ files }).host);
  expect(value).toEqual({ present: true, percent: 56.5, charging: true });
});

test("a server has none", async () => {
  const value = await collect(battery, fakeHost().host);
  expect(value).toEqual({ present: false, percent: 0, charging: false });
});
