/** What a screen says about itself: VESA E-EDID, 3.10.2, detailed timing descriptors. Must not know where it is connected. */

export interface Mode {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly refresh_hz: number;
}

const header = [0, 255, 255, 255, 255, 255, 255, 0];

/** The first detailed timing is the preferred one; undefined where this is no such block. */
export function preferredMode(edid: Uint8Array): Mode | undefined {
  if (edid.length < 128 || header.some((byte, at) => edid[at] !== byte)) return undefined;
  const timing = edid.subarray(54, 72);
  const byte = (at: number) => timing[at] ?? 0;
  const clockHz = (byte(0) | (byte(1) << 8)) * 10_000;
  if (clockHz === 0) return undefined;
  const low = (at: number, high: number, shift: number) =>
    byte(at) | ((byte(high) << shift) & 0xf00);
  const [width, blankX] = [low(2, 4, 4), low(3, 4, 8)];
  const [height, blankY] = [low(5, 7, 4), low(6, 7, 8)];
  const total = (width + blankX) * (height + blankY);
  return { width, height, refresh_hz: total === 0 ? 0 : Math.round((clockHz / total) * 100) / 100 };
}
