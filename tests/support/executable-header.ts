/**
 * What the first bytes of an executable or a library say about the machine it is for: ELF (elf(5)), Mach-O (mach-o/loader.h),
 * PE (Microsoft's "PE Format").
 */

const elf = new Map([
  [62, "x64"],
  [183, "arm64"],
]);
const macho = new Map([
  [0x01000007, "x64"],
  [0x0100000c, "arm64"],
]);
const pe = new Map([
  [0x8664, "x64"],
  [0xaa64, "arm64"],
]);

/** `linux-x64`, `darwin-arm64`, …; undefined for anything else. */
export function machineOf(bytes: Buffer): string | undefined {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return named("linux", elf.get(bytes.readUInt16LE(18)));
  if (bytes.readUInt32LE(0) === 0xfeedfacf)
    return named("darwin", macho.get(bytes.readUInt32LE(4)));
  if (bytes.toString("latin1", 0, 2) !== "MZ") return undefined;
  const header = bytes.readUInt32LE(0x3c);
  if (bytes.toString("latin1", header, header + 4) !== "PE\0\0") return undefined;
  return named("windows", pe.get(bytes.readUInt16LE(header + 4)));
}

const named = (os: string, arch: string | undefined) =>
  arch === undefined ? undefined : `${os}-${arch}`;

/** Which C library an ELF file asks for, by the names in its string table. */
export function libcOf(bytes: Buffer): "glibc" | "musl" | undefined {
  if (bytes.includes("libc.so.6\0")) return "glibc";
  return bytes.includes("\0libc.so\0") || bytes.includes("libc.musl-") ? "musl" : undefined;
}
