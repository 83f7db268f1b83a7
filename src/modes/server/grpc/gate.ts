/**
 * Who may be heard: the checks of docs/design/semantics.md §5 in their order, from the envelope to the sequence. Size and
 * the certificate's issuer come before, in the transport. Must not know what the requests want.
 */
import type { Signed } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { metadata } from "../../../core/wire/service.ts";
import { verifyEnvelope } from "../../../core/wire/signed.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Log } from "../../../core/log.ts";
import { Refusal } from "./refusal.ts";

/** The other end of a connection, as TLS has proven it. */
export interface Peer {
  /** sha256 of its certificate's DER, hex. */
  readonly certificate: string;
  readonly address: string;
}

export interface GateOptions {
  readonly serverId: string;
  readonly fleet: Fleet;
  /** How far a clock may be off, either way: `tuning.signature_window`. */
  readonly windowMs: number;
  readonly log: Log;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #strangers = new Strangers();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Throws a `Refusal`, or gives the envoy that signed. */
  admit(signed: Signed | undefined, method: string, peer: Peer): Envoy {
    const envoy = this.#welcome(signed, peer.address);
    if (!envoy.owns(peer.certificate))
      throw new Refusal("wrong_envoy", "the certificate is not this envoy's");
    this.#prove(envoy, signed as Signed, method);
    envoy.showed(peer.certificate);
    return envoy;
  }

  /** For an envoy whose certificate has ended: its key alone says who it is. Throws a `Refusal` as well. */
  admitByKey(signed: Signed, method: string, address: string): Envoy {
    const envoy = this.#welcome(signed, address);
    this.#prove(envoy, signed, method);
    return envoy;
  }

  #welcome(signed: Signed | undefined, address: string): Envoy {
    const envoy = this.#known(signed, address);
    if (envoy.row.revokedAt !== undefined) throw new Refusal("revoked", "envoy is revoked");
    return envoy;
  }

  #prove(envoy: Envoy, signed: Signed, method: string): void {
    const { serverId, fleet, windowMs } = this.#options;
    const now = fleet.now();
    if (Math.abs(now - Number(signed.timestampMs)) > windowMs)
      throw new Refusal("clock_skew", "the clocks of agent and server differ too much", {
        [metadata.serverTime]: String(now),
      });
    if (!verifyEnvelope(signed, method, serverId, envoy.key))
      throw new Refusal("bad_signature", "the signature is wrong");
    if (!envoy.sequences.take(signed.sequence))
      throw new Refusal("replayed", "this sequence number has been used", {
        [metadata.sequence]: String(envoy.sequences.highest),
      });
  }

  #known(signed: Signed | undefined, address: string): Envoy {
    const { fleet, log } = this.#options;
    const id = signed?.envoyId ?? "";
    const envoy = fleet.get(id);
    if (envoy !== undefined) return envoy;
    if (this.#strangers.isNew(id, fleet.now()))
      log.warn("unknown envoy", { envoy_id: id.slice(0, 64), address });
    throw new Refusal("envoy_not_found", "the server does not know this envoy");
  }
}

/** Lines in ten minutes. */
const mostLogged = 100;

/** Unknown ids that were logged in the last ten minutes: neither one that asks for ever nor one that makes ids up fills a log. */
class Strangers {
  readonly #loggedAt = new Map<string, number>();

  isNew(id: string, now: number): boolean {
    for (const [other, at] of this.#loggedAt) {
      if (Math.abs(now - at) < 600_000) break;
      this.#loggedAt.delete(other);
    }
    const key = id.slice(0, 64);
    if (this.#loggedAt.has(key) || this.#loggedAt.size >= mostLogged) return false;
    this.#loggedAt.set(key, now);
    return true;
  }
}
