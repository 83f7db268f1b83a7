import { describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { memoryDevices } from "../../src/core/tools/smbios.ts";
import { dmi } from "../../src/core/traits/dmi.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

/** A structure of DSP0134: type, length, handle, fields, texts, an empty text. */
function structure(type: number, fields: Uint8Array, texts: readonly string[]): Uint8Array {
  const head = new Uint8Array([type, fields.length + 4, 1, 0]);
  const tail = texts.length === 0 ? "\0\0" : `${texts.join("\0")}\0\0`;
  return Buffer.concat([head, fields, Buffer.from(tail, "latin1")]);
}

/** Type 17 of version 2.8: offsets of the specification, less the head of four bytes. */
function module(size: number, extended: number, speed: number, texts: readonly string[]) {
  const fields = new Uint8Array(0x28 - 4);
  const view = new DataView(fields.buffer);
  view.setUint16(0x0c - 4, size, true);
  view.setUint8(0x10 - 4, 1);
  view.setUint16(0x15 - 4, speed, true);
  view.setUint8(0x17 - 4, 2);
  view.setUint8(0x1a - 4, 3);
  view.setUint32(0x1c - 4, extended, true);
  return structure(17, fields, texts);
}

const table = Buffer.concat([
  structure(0, new Uint8Array(20), ["SeaBIOS"]),
  module(16_384, 0, 3200, ["DIMM_A1", "Example", "EX-16G-3200 "]),
  module(0, 0, 0, ["DIMM_A2"]),
  module(0x7fff, 65_536, 0xffff, ["DIMM_B1", "Example", "EX-64G"]),
  module(0x8000 | 2048, 0, 0, ["FLASH"]),
  structure(127, new Uint8Array(0), []),
]);

const modules = [
  {
    locator: "DIMM_A1",
    size_mb: 16_384,
    speed_mts: 3200,
    manufacturer: "Example",
    part_number: "EX-16G-3200",
  },
  {
    locator: "DIMM_B1",
    size_mb: 65_536,
    speed_mts: 0,
    manufacturer: "Example",
    part_number: "EX-64G",
  },
  { locator: "FLASH", size_mb: 2, speed_mts: 0, manufacturer: "", part_number: "" },
];

describe("dmi", () => {
  const id = "/sys/class/dmi/id";
  const files = {
    [`${id}/sys_vendor`]: "Example Inc.\n",
    [`${id}/product_name`]: "PowerBox 740\n",
    [`${id}/product_serial`]: "ABC1234\n",
    [`${id}/bios_version`]: "2.19.1\n",
    [`${id}/chassis_type`]: "23\n",
  };

  test("of a rack server, as root", async () => {
    const { host } = fakeHost({ files });
    const read: typeof host.read = async (path, options) =>
      path === "/sys/firmware/dmi/tables/DMI" ? table : host.read(path, options);
    expect(await collect(dmi, { ...host, read })).toMatchObject({
      bios_version: "2.19.1",
      product_vendor: "Example Inc.",
      product_name: "PowerBox 740",
      product_serial: "ABC1234",
      board_name: "",
      chassis_type: "rack",
      memory_devices: modules,
    });
  });

  test("without root the serial numbers stay empty", async () => {
    const { host } = fakeHost({ files });
    const read: typeof host.read = async (path, options) => {
      if (/serial|tables/.test(path)) throw new VigoError("denied", `cannot read ${path}`);
      return host.read(path, options);
    };
    const value = await collect(dmi, { ...host, read });
    expect(value).toMatchObject({
      product_name: "PowerBox 740",
      product_serial: "",
      memory_devices: [],
    });
  });

  test("of a board with a device tree", async () => {
    const tree = {
      "/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
      "/proc/device-tree/serial-number": "10000000abcdef01\0",
    };
    expect(await collect(dmi, fakeHost({ files: tree }).host)).toMatchObject({
      product_name: "Raspberry Pi 4 Model B Rev 1.4",
      product_serial: "10000000abcdef01",
    });
    expect(await collect(dmi, fakeHost().host)).toBeUndefined();
  });

  test("a table that ends anywhere gives what came before", () => {
    for (let length = 0; length <= table.length; length += 1) {
      const found = memoryDevices(table.subarray(0, length));
      expect(modules.slice(0, found.length).map(({ size_mb }) => size_mb)).toEqual(
        found.map(({ size_mb }) => size_mb),
      );
    }
    expect(memoryDevices(table)).toHaveLength(3);
  });
});
