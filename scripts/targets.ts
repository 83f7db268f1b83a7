/** The machines that Vigo is built for, and which of lmdb's addons each one takes. */

export interface Target {
  /** Bun's name of it, without `bun-`. */
  readonly name: string;
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "x64" | "arm64";
  /** Inside of `node_modules`. */
  readonly addon: string;
}

const target = (os: Target["os"], arch: Target["arch"], libc?: "glibc" | "musl"): Target => ({
  name: `${os}-${arch}${libc === "musl" ? "-musl" : ""}`,
  os,
  arch,
  addon: `@lmdb/lmdb-${os === "windows" ? "win32" : os}-${arch}/node.napi.${libc === undefined ? "" : `${libc}.`}node`,
});

export const targets: readonly Target[] = [
  target("linux", "x64", "glibc"),
  target("linux", "arm64", "glibc"),
  target("linux", "x64", "musl"),
  target("linux", "arm64", "musl"),
  target("darwin", "x64"),
  target("darwin", "arm64"),
  target("windows", "x64"),
  target("windows", "arm64"),
];

/** The machine that this runs on. */
export function hostTarget(): Target {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const report = process.report?.getReport() as
    { header?: { glibcVersionRuntime?: string } } | undefined;
  const musl = os === "linux" && report?.header?.glibcVersionRuntime === undefined;
  return findTarget(`${os}-${process.arch}${musl ? "-musl" : ""}`);
}

export function findTarget(name: string): Target {
  const found = targets.find((known) => known.name === name);
  if (found !== undefined) return found;
  throw new Error(`no target ${name}; there are ${targets.map((known) => known.name).join(", ")}`);
}
