import { describe, expect, test } from "bun:test";
import { classNames, deviceNames } from "../../src/core/tools/hardware-ids.ts";
import { pci } from "../../src/core/traits/pci.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

/** The form of pci.ids. */
const ids = [
  "# comment",
  "1af4  Red Hat, Inc.",
  "\t1041  Virtio 1.0 network device",
  "\t\t1af4 1100  Virtual Machine",
  "8086  Intel Corporation",
  "\t2922  82801IR (ICH9R) 6 port SATA Controller [AHCI mode]",
  "\t0008  Extended Express System Support Controller",
  "",
  "C 00  Unclassified device",
  "C 01  Mass storage controller",
  "\t06  SATA controller",
  "\t\t01  AHCI 1.0",
  "C 02  Network controller",
  "\t00  Ethernet controller",
  "",
].join("\n");

const device = (slot: string, vendor: string, product: string, kind: string) => ({
  [`/sys/bus/pci/devices/${slot}/vendor`]: `0x${vendor}\n`,
  [`/sys/bus/pci/devices/${slot}/device`]: `0x${product}\n`,
  [`/sys/bus/pci/devices/${slot}/class`]: `0x${kind}\n`,
});

describe("pci", () => {
  const files = {
    ...device("0000:00:01.0", "8086", "2922", "010601"),
    ...device("0000:00:02.0", "1af4", "1041", "020000"),
    ...device("0000:00:03.0", "10ff", "0001", "ff0000"),
  };

  test("named by the list of the system", async () => {
    const { host } = fakeHost({ files: { ...files, "/usr/share/misc/pci.ids": ids } });
    expect((await collect(pci, host))?.devices).toEqual([
      {
        slot: "0000:00:01.0",
        id: "8086:2922",
        vendor: "Intel Corporation",
        product: "82801IR (ICH9R) 6 port SATA Controller [AHCI mode]",
        class: "SATA controller",
      },
      {
        slot: "0000:00:02.0",
        id: "1af4:1041",
        vendor: "Red Hat, Inc.",
        product: "Virtio 1.0 network device",
        class: "Ethernet controller",
      },
      { slot: "0000:00:03.0", id: "10ff:0001", vendor: "", product: "", class: "ff0000" },
    ]);
  });

  test("without a list numbers stay", async () => {
    expect((await collect(pci, fakeHost({ files }).host))?.devices[0]).toMatchObject({
      id: "8086:2922",
      vendor: "",
      class: "010601",
    });
    expect(await collect(pci, fakeHost().host)).toBeUndefined();
  });

  test("a device of another vendor has no name of this one's", () => {
    expect(deviceNames(Buffer.from(ids), "1af4", "2922")).toEqual({
      vendor: "Red Hat, Inc.",
      product: "",
    });
    expect(deviceNames(Buffer.from(ids), "1af4", "1af4")).toEqual({
      vendor: "Red Hat, Inc.",
      product: "",
    });
    expect(classNames(Buffer.from(ids), "01", "99")).toBe("Mass storage controller");
    expect(classNames(Buffer.from(ids), "00", "06")).toBe("Unclassified device");
  });
});
