/**
 * The licence of this server, in its file. Without a file there is no limit. What is enforced goes on whatever it says: only newcomers
 * are refused. Must not know HTTP.
 */
import { stat } from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import { type License, readLicense } from "../../../core/license.ts";
import type { Log } from "../../../core/log.ts";
import { ifThere, whyUnreadable } from "../../../core/publish/errno.ts";
import type { Condition } from "../alerts/conditions.ts";
import { readIfThere, writeAtomically } from "../write-file.ts";

export type LicenseState = "unlimited" | "valid" | "expiring" | "full" | "expired" | "unreadable";

interface KeeperOptions {
  readonly file: () => string;
  /** The vendor's ed25519 public key, 32 raw bytes. */
  readonly vendor: Uint8Array;
  /** Machines that are not revoked. */
  readonly envoys: () => number;
  readonly now: () => number;
  readonly log: Log;
}

const warnedMs = 30 * 86_400_000;
const hint = "vigo cli license status says more; vigo cli license install FILE takes another";

export class LicenseKeeper {
  readonly #options: KeeperOptions;
  #license: License | undefined;
  #unreadable: string | undefined;
  /** What the file looked like when it was read. */
  #seen: string | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** A file that is no licence stops no server: newcomers are refused until there is another. */
  async load(): Promise<void> {
    const { file, vendor, log } = this.#options;
    const path = file();
    this.#seen = await looksOf(path);
    const read = await readIfThere(path)
      .then((text) => (text === undefined ? undefined : readLicense(text, vendor)))
      .catch(asReason);
    this.#unreadable = typeof read === "string" ? `${path}: ${read}` : undefined;
    this.#license = typeof read === "string" ? undefined : read;
    if (this.#unreadable !== undefined)
      log.error("the licence cannot be used", { error: this.#unreadable });
  }

  /** Reads the file again where somebody has touched it: one question to the file system where nobody has. */
  async look(): Promise<void> {
    if ((await looksOf(this.#options.file())) === this.#seen) return;
    await this.load();
    this.#options.log.info("the licence file has changed", { says: this.says });
  }

  /** Rejects with `invalid` for a text that is no licence, and keeps the one there is. */
  async install(text: string): Promise<License> {
    const { file, vendor } = this.#options;
    const license = readLicense(text, vendor);
    await writeAtomically(file(), `${text.trim()}\n`);
    await this.load();
    return license;
  }

  get license(): License | undefined {
    return this.#license;
  }

  get envoys(): number {
    return this.#options.envoys();
  }

  get state(): LicenseState {
    if (this.#unreadable !== undefined) return "unreadable";
    const license = this.#license;
    if (license === undefined) return "unlimited";
    const left = expiryOf(license) - this.#options.now();
    if (left <= 0) return "expired";
    if (this.envoys >= (license.max_envoys ?? Number.POSITIVE_INFINITY)) return "full";
    return left < warnedMs ? "expiring" : "valid";
  }

  /** What is to be known, as a sentence. */
  get says(): string {
    const license = this.#license;
    if (this.#unreadable !== undefined) return this.#unreadable;
    if (license === undefined) return "no licence is installed: there is no limit";
    const most = license.max_envoys === undefined ? "any number of" : `${license.max_envoys}`;
    const end = license.expires === undefined ? "without end" : `until ${license.expires}`;
    return `licence ${license.id} of ${license.customer}: ${most} envoys, ${end}; ${this.envoys} are enrolled`;
  }

  /** Throws `limited` when no machine may be added. */
  assertRoom(): void {
    const { state } = this;
    if (state !== "full" && state !== "expired" && state !== "unreadable") return;
    const why = {
      full: "the licence allows no more envoys",
      expired: "the licence has expired",
      unreadable: "the licence cannot be used",
    }[state];
    throw new VigoError("limited", `${why} (${this.says})`, { hint });
  }

  conditions(): readonly Condition[] {
    const { state } = this;
    if (state === "valid" || state === "unlimited") return [];
    const kind = `license.${state}` as const;
    const about = `license ${state} ${this.#license?.id ?? ""}`;
    return [{ kind, subject: "license", title: this.says, detail: {}, about }];
  }
}

const expiryOf = ({ expires }: License): number =>
  expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);

/** What can be said of a file without reading it; undefined where there is none. */
async function looksOf(path: string): Promise<string | undefined> {
  const found = await ifThere(stat(path, { bigint: true })).catch(asReason);
  if (typeof found !== "object") return found;
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

/** Why a file is no licence, in words. Throws what is neither of the licence nor of the file. */
function asReason(error: unknown): string {
  const why = error instanceof VigoError ? error.message : whyUnreadable(error);
  if (why === undefined) throw error;
  return why;
}
