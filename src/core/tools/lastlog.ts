/**
 * `/var/log/lastlog`: when each account logged in last, one record of fixed size at the place of its uid, most of them holes.
 * Must not know accounts. Layout: `struct lastlog` of glibc's bits/utmp.h, where 64-bit x86 keeps the 32-bit time of old programs.
 */

interface Layout {
  readonly record: number;
  readonly time: 4 | 8;
}

const layouts: Readonly<Record<string, Layout>> = {
  amd64: { record: 4 + 32 + 256, time: 4 },
  arm64: { record: 8 + 32 + 256, time: 8 },
};

/** Bytes from the start that hold every uid up to this one; undefined on architectures whose layout is not known. */
export const lastlogBytes = (arch: string, uid: number): number | undefined => {
  const layout = layouts[arch];
  return layout && layout.record * (uid + 1);
};

/** Seconds since 1970; undefined for one who never did, and beyond the end. */
export function lastLogin(bytes: Uint8Array, arch: string, uid: number): number | undefined {
  const layout = layouts[arch];
  if (layout === undefined || bytes.length < layout.record * (uid + 1)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + layout.record * uid, layout.time);
  const seconds = layout.time === 4 ? view.getInt32(0, true) : Number(view.getBigInt64(0, true));
  return seconds > 0 ? seconds : undefined;
}
