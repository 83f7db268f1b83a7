/**
 * Brings into the audit log what was published, rolled back and frozen, whoever did it and whether the server ran then or not:
 * the home says so, and what has been told is noted together with the telling, so that an act is told once whenever the server dies.
 * Must not know requests.
 */
import files from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { type Freeze, lastFreeze } from "../../../core/publish/freeze.ts";
import { history, liveVersion, type Manifest } from "../../../core/publish/live.ts";
import type { AuditEntry, Store } from "../store/store.ts";

const told = { version: "audited_version", freeze: "audited_freeze" } as const;

export class Chronicle {
  #last: string | undefined;
  #running: Promise<void> | undefined;

  constructor(
    readonly home: string,
    readonly store: Pick<Store, "audit" | "meta">,
    readonly log: Log,
  ) {}

  /** Tells what is new, if anything is. Rejects when the store does. */
  async write(): Promise<void> {
    await this.#running;
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #write(): Promise<void> {
    const freeze = await this.#freeze();
    const now = JSON.stringify([await liveVersion(files, this.home), freeze]);
    if (now === this.#last) return;
    await this.#publications();
    if (freeze !== undefined) await this.#tellFreeze(freeze);
    this.#last = now;
  }

  /** A file that cannot be read stops publishing, which says so itself; it must not stop this. */
  async #freeze(): Promise<Freeze | undefined> {
    try {
      return await lastFreeze(files, this.home);
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      this.log.warn("the freeze is not known", { error: error.message });
      return undefined;
    }
  }

  async #publications(): Promise<void> {
    const { audit, meta } = this.store;
    const last = Number((await meta.get(told.version)) ?? 0);
    const versions = await history(files, this.home);
    for (const manifest of versions.filter(({ version }) => version > last).reverse())
      await audit.tell([publication(manifest)], [told.version, String(manifest.version)]);
  }

  async #tellFreeze(freeze: Freeze): Promise<void> {
    const { audit, meta } = this.store;
    const text = JSON.stringify(freeze);
    const before = await meta.get(told.freeze);
    if (before === text) return;
    const { lifted, ...begun } = freeze;
    const entries = before === JSON.stringify(begun) ? [] : [freezing(freeze)];
    if (lifted !== undefined) entries.push(thawing(freeze, lifted));
    await audit.tell(entries, [told.freeze, text]);
  }
}

function publication({ version, actor, published_at, ...detail }: Manifest): AuditEntry {
  return {
    at: Date.parse(published_at),
    actor,
    action: detail.rollback_of === undefined ? "config.publish" : "config.rollback",
    subject: `version ${version}`,
    detail: { ...detail },
  };
}

const freezing = ({ at, actor, until, reason }: Freeze): AuditEntry => ({
  at: Date.parse(at),
  actor,
  action: "config.freeze",
  subject: "publish",
  detail: { until, reason },
});

const thawing = ({ until }: Freeze, { at, actor }: NonNullable<Freeze["lifted"]>): AuditEntry => ({
  at: Date.parse(at),
  actor,
  action: "config.unfreeze",
  subject: "publish",
  detail: { until },
});
