import { describe, expect, test } from "bun:test";
import { preferredMode } from "../../src/core/tools/edid.ts";
import { display } from "../../src/core/traits/display.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

/** A block with one detailed timing; E-EDID 3.10.2. */
function edid(clockHz: number, x: number, blankX: number, y: number, blankY: number): Uint8Array {
  const bytes = new Uint8Array(128);
  bytes.set([0, 255, 255, 255, 255, 255, 255, 0]);
  const clock = clockHz / 10_000;
  bytes.set(
    [
      clock & 255,
      clock >> 8,
      x & 255,
      blankX & 255,
      ((x >> 8) << 4) | (blankX >> 8),
      y & 255,
      blankY & 255,
      ((y >> 8) << 4) | (blankY >> 8),
    ],
    54,
  );
  return bytes;
}

describe("display", () => {
  const drm = "/sys/class/drm";
  const files = {
    [`${drm}/card0/dev`]: "226:0\n",
    [`${drm}/card0-HDMI-A-1/status`]: "connected\n",
    [`${drm}/card0-HDMI-A-1/modes`]: "1920x1080\n1280x720\n",
    [`${drm}/card0-VGA-1/status`]: "disconnected\n",
    [`${drm}/card1-Virtual-1/status`]: "connected\n",
    [`${drm}/card1-Virtual-1/modes`]: "1024x768\n800x600\n",
    [`${drm}/card1-Virtual-1/edid`]: "",
  };

  test("what the screen says of itself, else the driver's first mode", async () => {
    const { host } = fakeHost({ files });
    const read: typeof host.read = async (path, options) =>
      path === `${drm}/card0-HDMI-A-1/edid`
        ? edid(148_500_000, 1920, 280, 1080, 45)
        : host.read(path, options);
    expect(await collect(display, { ...host, read })).toEqual({
      server: "none",
      outputs: [
        { name: "HDMI-A-1", width: 1920, height: 1080, refresh_hz: 60 },
        { name: "Virtual-1", width: 1024, height: 768, refresh_hz: 0 },
      ],
    });
  });

  test.each<[Record<string, string>, string]>([
    [{ "/proc/700/comm": "Xorg\n" }, "x11"],
    [{ "/proc/700/comm": "Xwayland\n", "/run/user/1000/wayland-0": "" }, "wayland"],
    [{ "/proc/700/comm": "Xtreme\n", "/run/user/1000/bus": "" }, "none"],
  ])("what draws: %p", async (more, server) => {
    expect(await collect(display, fakeHost({ files: more }).host)).toEqual({ server, outputs: [] });
  });

  test("4K at 59.94 Hz; what is no such block; one without a timing", () => {
    expect(preferredMode(edid(593_400_000, 3840, 560, 2160, 90))).toEqual({
      width: 3840,
      height: 2160,
      refresh_hz: 59.94,
    });
    expect(preferredMode(new Uint8Array(128))).toBeUndefined();
    expect(preferredMode(new Uint8Array(10))).toBeUndefined();
    expect(preferredMode(edid(0, 0, 0, 0, 0))).toBeUndefined();
  });
});
