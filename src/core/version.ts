/** What this program is. Filled in by `scripts/compile.ts`; run from source it says so. Must not know who asks. */

declare const VIGO_VERSION: string | undefined;
declare const VIGO_COMMIT: string | undefined;
declare const VIGO_TARGET: string | undefined;

export interface Version {
  /** `0.1.0`, or `0.0.0-source` when not compiled. */
  readonly version: string;
  /** First 12 digits of the commit, with `+` when the tree held more; `unknown` outside of git. */
  readonly commit: string;
  readonly bun: string;
  /** `linux-x64`, `linux-arm64-musl`, `darwin-arm64`, `windows-x64`, … */
  readonly target: string;
}

export const version: Version = {
  version: typeof VIGO_VERSION === "string" ? VIGO_VERSION : "0.0.0-source",
  commit: typeof VIGO_COMMIT === "string" ? VIGO_COMMIT : "unknown",
  bun: Bun.version,
  target:
    typeof VIGO_TARGET === "string"
      ? VIGO_TARGET
      : `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`,
};

export const printVersion = ({ version, commit, bun, target }: Version): string =>
  `vigo ${version} (${commit}) ${target}, Bun ${bun}`;
