import { expect, test } from "bun:test";
import { mountpoints, mountsIn } from "../../src/core/traits/mountpoints.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const table = [
  "overlay / overlay rw,relatime,lowerdir=/a:/b,upperdir=/c 0 0",
  "tmpfs /tmp tmpfs rw,nosuid,nodev 0 0",
  "/dev/sda1 /mnt/two\\040words ext4 ro,relatime,errors=remount-ro 0 0",
  "tmpfs /tmp tmpfs ro 0 0",
  "",
].join("\n");

test("what is on top counts, names are unescaped", async () => {
  const { host } = fakeHost({ files: { "/proc/self/mounts": table } });
  expect(await collect(mountpoints, host)).toEqual({
    mounts: [
      {
        path: "/",
        device: "overlay",
        fstype: "overlay",
        options: ["rw", "relatime", "lowerdir=/a:/b", "upperdir=/c"],
      },
      { path: "/tmp", device: "tmpfs", fstype: "tmpfs", options: ["ro"] },
      {
        path: "/mnt/two words",
        device: "/dev/sda1",
        fstype: "ext4",
        options: ["ro", "relatime", "errors=remount-ro"],
      },
    ],
  });
});

test("a host of containers does not send them all", () => {
  const many = Array.from({ length: 2000 }, (_, at) => `none /m/${at} tmpfs rw 0 0\n`).join("");
  expect(mountsIn(many)).toHaveLength(500);
});

test("the layers of a container do not fill pages", () => {
  const [first] = mountsIn(`overlay / overlay rw,lowerdir=${"/layer:".repeat(1_000)} 0 0\n`);
  expect(first?.options.map((option) => option.length)).toEqual([2, 201]);
  // Where it was cut is seen, or the beginning of a secret would not be known for one.
  expect(first?.options[1]).toEndWith("…");
});
