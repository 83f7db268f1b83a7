import { expect, test } from "bun:test";
import { collectTraits, traitValues } from "../../../src/core/collect.ts";
import type { Json } from "../../../src/core/json.ts";
import type { FactGroup } from "../../../src/core/tools/windows-facts.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { memberName } from "../../../src/core/traits/windows/accounts.ts";
import { recordedWindows, windowsRecord } from "../../support/recorded-windows.ts";

/** One trait of the recorded machine on which some parts of a group are others. */
async function told(name: string, group: FactGroup, parts: Record<string, Json>): Promise<Json> {
  const answer = JSON.parse(windowsRecord(group)) as { readonly told: Record<string, Json> };
  const changed = JSON.stringify({ ...answer, told: { ...answer.told, ...parts } });
  const { sections, failures } = await collectTraits(
    traits,
    recordedWindows({ [group]: changed }).host,
    { only: new Set([name]) },
  );
  expect(failures).toEqual([]);
  return traitValues(sections)[name] ?? null;
}

test.each([
  ["Virtual Machine", "Microsoft Corporation", "microsoft", "hyperv"],
  ["VMware20,1", "VMware, Inc.", "vmware", "vmware"],
  ["Standard PC (Q35 + ICH9, 2009)", "QEMU", "qemu", "kvm"],
  ["VirtualBox", "innotek GmbH", "oracle", "other"],
])("%s of %s is a virtual machine", async (model, maker, technology, kind) => {
  const parts = { computer: { Model: model, Manufacturer: maker, HypervisorPresent: true } };
  expect(await told("virtualization", "machine", parts)).toEqual({
    is_vm: true,
    is_container: false,
    technology,
  });
  expect(await told("hypervisor", "machine", parts)).toEqual({ kind, role: "guest" });
});

test("a real machine with a hypervisor is its host, and Microsoft builds real ones too", async () => {
  const parts = {
    computer: { Model: "Surface", Manufacturer: "Microsoft Corporation", HypervisorPresent: true },
  };
  expect(await told("hypervisor", "machine", parts)).toEqual({ kind: "hyperv", role: "host" });
});

test.each([
  [-210, "-03:30", "05:30"],
  [0, "+00:00", "09:00"],
  [345, "+05:45", "14:45"],
])("%d minutes from UTC", async (minutes, utc_offset, clock) => {
  const parts = { clock: { minutes, zone: "Somewhere", service: "Stopped", kind: "NTP" } };
  expect(await told("time", "now", parts)).toMatchObject({
    utc_offset,
    clock,
    timezone: "Somewhere",
    ntp_synchronized: false,
  });
});

test.each([
  [2, false],
  [6, true],
  [9, true],
])("a battery in state %d", async (BatteryStatus, charging) => {
  const parts = { battery: { EstimatedChargeRemaining: 87, BatteryStatus } };
  expect(await told("battery", "now", parts)).toEqual({ present: true, percent: 87, charging });
});

test("a machine on two networks is as open as the more open one", async () => {
  const profile = { enabled: true, inbound: 0, outbound: 0, rules: 3 };
  expect(
    await told("firewall", "software", { firewall: [profile, { ...profile, inbound: 1 }] }),
  ).toMatchObject({ enabled: true, input_policy: "accept", output_policy: "drop" });
  expect(
    await told("firewall", "software", { firewall: [profile, { ...profile, enabled: false }] }),
  ).toMatchObject({ enabled: false, input_policy: "accept", output_policy: "accept" });
});

test("a machine without any of it has empty lists", async () => {
  expect(await told("swap", "now", { pagefiles: null })).toEqual({
    total_mb: 0,
    used_mb: 0,
    devices: [],
  });
  expect(await told("tpm", "machine", { tpm: [] })).toEqual({ present: false, version: "" });
  expect(await told("display", "machine", { screens: [] })).toEqual({
    server: "none",
    outputs: [],
  });
  expect(await told("ssh", "software", { sshKeys: null, sshSettings: [] })).toBeNull();
  expect(await told("os", "machine", { restart: [] })).toMatchObject({
    reboot_required: false,
    reboot_reasons: [],
  });
  expect(await told("cert_lifecycle", "software", { certificates: { Der: "no" } })).toEqual({
    certificates: [],
  });
});

test.each([
  ["WinNT://WORKGROUP/PC-7/dana", "dana"],
  ["WinNT://CORP/Domain Admins", "CORP\\Domain Admins"],
  ["WinNT://S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1104"],
  [undefined, ""],
])("%s is %s", (path, name) => {
  expect(memberName(path)).toBe(name);
});
