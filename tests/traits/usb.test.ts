import { expect, test } from "bun:test";
import { usb } from "../../src/core/traits/usb.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const root = "/sys/bus/usb/devices";
const device = (port: string, fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [`${root}/${port}/${name}`, `${text}\n`]),
  );

test("names of the device itself go before those of the list; interfaces are no devices", async () => {
  const files = {
    ...device("usb1", {
      idVendor: "1d6b",
      idProduct: "0002",
      bDeviceClass: "09",
      manufacturer: "Linux 6.1.0 xhci-hcd",
      product: "xHCI Host Controller",
    }),
    ...device("1-4", { idVendor: "046d", idProduct: "c31c", bDeviceClass: "00" }),
    ...device("1-4:1.0", { bInterfaceClass: "03" }),
    "/var/lib/usbutils/usb.ids":
      "046d  Logitech, Inc.\n\tc31c  Keyboard K120\n1d6b  Linux Foundation\n\t0002  2.0 root hub\n\nC 00  (Defined at Interface level)\nC 09  Hub\n\t00  Unused\n".replace(
        /^/,
        "#\n",
      ),
  };
  expect(await collect(usb, fakeHost({ files }).host)).toEqual({
    devices: [
      {
        port: "1-4",
        id: "046d:c31c",
        vendor: "Logitech, Inc.",
        product: "Keyboard K120",
        class: "(Defined at Interface level)",
      },
      {
        port: "usb1",
        id: "1d6b:0002",
        vendor: "Linux 6.1.0 xhci-hcd",
        product: "xHCI Host Controller",
        class: "Hub",
      },
    ],
  });
  expect(await collect(usb, fakeHost().host)).toBeUndefined();
});
