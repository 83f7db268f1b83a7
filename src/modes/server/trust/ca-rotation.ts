/**
 * Which envoys know the CAs of now, and which have to be asked to fetch them: with a new certificate each, a few a second, so
 * that a fleet does not come at once (docs/design/semantics.md §5). Must not know requests.
 */
import { VigoError } from "../../../core/errors.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Store } from "../store/store.ts";
import type { Authority } from "./authority.ts";

/** Issuing costs milliseconds, and a commit. */
const mostASecond = 25;
/** An envoy that was asked is left alone for so long. */
const pauseMs = 60_000;

const fact = "ca.first";

interface Deps {
  readonly authority: Authority;
  readonly fleet: Fleet;
  readonly store: Pick<Store, "meta" | "audit">;
  readonly now: () => number;
}

export interface Left {
  readonly id: string;
  readonly hostname: string;
  readonly lastSeenAt: number | undefined;
}

export class CaRotation {
  readonly #deps: Deps;
  /** What envoys trust of whom nothing is written down. */
  readonly #first: string;
  readonly #listeners: (() => Promise<void>)[] = [];
  #second = 0;
  #asked = 0;

  private constructor(deps: Deps, first: string) {
    this.#deps = deps;
    this.#first = first;
  }

  static async open(deps: Deps): Promise<CaRotation> {
    const { store, authority } = deps;
    const first = await store.meta.get(fact);
    if (first === undefined) await store.meta.set(fact, authority.trusts);
    return new CaRotation(deps, first ?? authority.trusts);
  }

  /** Both ports show what is in force from then on. */
  onChange(listener: () => Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** To be asked of one that checks in: it counts those that were told so. */
  wantsRenewal(envoy: Envoy): boolean {
    if (this.#knows(envoy)) return false;
    const now = this.#deps.now();
    if (now - envoy.renewedAt < pauseMs) return false;
    const second = Math.floor(now / 1000);
    if (second !== this.#second) [this.#second, this.#asked] = [second, 0];
    return this.#asked++ < mostASecond;
  }

  /** Of those that are not revoked. */
  progress(): { readonly moved: number; readonly left: readonly Left[] } {
    const envoys = [...this.#deps.fleet.list()].filter(({ row }) => row.revokedAt === undefined);
    const left = envoys.filter((envoy) => !this.#knows(envoy));
    return {
      moved: envoys.length - left.length,
      left: left.map(({ id, row, lastSeenAt }) => ({ id, hostname: row.hostname, lastSeenAt })),
    };
  }

  async begin(actor: string): Promise<void> {
    const { authority, now } = this.#deps;
    const { fingerprint } = await authority.begin(new Date(now()));
    await this.#audit(actor, "ca.new", fingerprint, {});
    await this.#changed();
  }

  /** Those that are left can no longer connect: rejects with `conflict` while there are any, unless that is wanted. */
  async finish(actor: string, force: boolean): Promise<void> {
    const { authority } = this.#deps;
    const { left } = this.progress();
    if (authority.next !== undefined && left.length > 0 && !force)
      throw new VigoError(
        "conflict",
        left.length === 1
          ? "one envoy does not know the new CA yet"
          : `${left.length} envoys do not know the new CA yet`,
        {
          hint: "vigo cli server ca names them; with --force each needs a token afterwards: vigo agent trust --token T on it",
        },
      );
    const former = authority.fingerprint;
    const { fingerprint } = await authority.finish();
    await this.#audit(actor, "ca.drop", former, { ca: fingerprint, left: left.length });
    await this.#changed();
  }

  async #changed(): Promise<void> {
    for (const listener of this.#listeners) await listener();
  }

  /** It was told, and has shown the certificate that came with it. */
  #knows({ row }: Envoy): boolean {
    const { trusts = this.#first, previousCertificate } = row;
    return trusts === this.#deps.authority.trusts && previousCertificate === undefined;
  }

  #audit(actor: string, action: string, subject: string, detail: Record<string, string | number>) {
    return this.#deps.store.audit.append({ at: this.#deps.now(), actor, action, subject, detail });
  }
}
