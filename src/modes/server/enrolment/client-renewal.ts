/**
 * A new certificate for an envoy that is known: issued, and kept by store and fleet. Must not know how it was asked for.
 */
import type { Issued } from "../../../core/pki/ca.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Store } from "../store/store.ts";
import type { Authority } from "../trust/authority.ts";

interface Deps {
  readonly store: Pick<Store, "envoys">;
  readonly fleet: Fleet;
  readonly authority: Pick<Authority, "issueClient" | "trusted" | "trusts">;
}

export interface Renewed extends Issued {
  /** PEM of the CAs to trust from now on. */
  readonly trusted: string;
}

/** Rejects with `invalid` for a request that is none, and with `limited` when it is asked again too soon. */
export type RenewClient = (envoy: Envoy, csr: Uint8Array) => Promise<Renewed>;

/** A certificate costs the server more than a hundred check-ins. */
const pauseMs = 60_000;

export const clientRenewal =
  ({ store, fleet, authority }: Deps): RenewClient =>
  async (envoy, csr) => {
    const now = fleet.now();
    if (now - envoy.renewedAt < pauseMs)
      throw new VigoError("limited", "the certificate was renewed a moment ago");
    envoy.renewedAt = now;
    const { id, shownCertificate: previous } = envoy;
    const { trusted, trusts } = authority;
    const issued = await authority.issueClient(csr, id, new Date(now));
    const { fingerprint: certificate, expiresAt } = issued;
    const renewed = { certificate, previous, expiresAt, trusts };
    await store.envoys.renewCertificate(id, renewed);
    fleet.renewed(id, renewed);
    return { ...issued, trusted };
  };
