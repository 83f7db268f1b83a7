import { expect, test } from "bun:test";
import { blockdevices } from "../../src/core/traits/blockdevices.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const disk = (name: string, fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([file, text]) => [`/sys/block/${name}/${file}`, `${text}\n`]),
  );

test("NVMe, SATA with what udev asked, virtio; no empty drive, no memory disk", async () => {
  const files = {
    ...disk("nvme0n1", {
      size: "1000215216",
      ro: "0",
      "queue/rotational": "0",
      "device/model": "Example SSD 500G        ",
      "device/serial": "S4X0NF0M123456      ",
      "device/firmware_rev": "2B2QEXM7",
    }),
    ...disk("sda", {
      size: "7814037168",
      dev: "8:0",
      ro: "1",
      "queue/rotational": "1",
      "device/vendor": "ATA     ",
      "device/model": "WDC WD40EFRX-68N",
      "device/rev": "0A82",
    }),
    "/run/udev/data/b8:0":
      "S:disk/by-id/x\nE:ID_MODEL=WDC_WD40EFRX-68N\nE:ID_SERIAL_SHORT=WD-WCC7K1\n",
    ...disk("vda", { size: "2048", ro: "0", "device/vendor": "0x1af4", serial: "root" }),
    ...disk("sr0", { size: "0", ro: "0" }),
    ...disk("loop0", { size: "100", ro: "0" }),
    ...disk("zram0", { size: "100", ro: "0" }),
  };
  expect(await collect(blockdevices, fakeHost({ files }).host)).toEqual({
    devices: {
      nvme0n1: {
        size_bytes: 512_110_190_592,
        vendor: "",
        model: "Example SSD 500G",
        serial: "S4X0NF0M123456",
        firmware: "2B2QEXM7",
        readonly: false,
        rotational: false,
      },
      sda: {
        size_bytes: 4_000_787_030_016,
        vendor: "ATA",
        model: "WDC WD40EFRX-68N",
        serial: "WD-WCC7K1",
        firmware: "0A82",
        readonly: true,
        rotational: true,
      },
      vda: {
        size_bytes: 1_048_576,
        vendor: "",
        model: "",
        serial: "root",
        firmware: "",
        readonly: false,
        rotational: false,
      },
    },
  });
});
