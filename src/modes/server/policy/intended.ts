/** What envoys must enforce, shared by all that resolve identically. Must not know envoys, nor how it is resolved. */
import type { Bundle } from "../../../core/bundle/compile.ts";

export interface Intended {
  /** sha256 of the body. */
  readonly digest: Uint8Array;
  /** Canonical JSON, as it travels; made when it is asked for. */
  readonly body: Uint8Array;
  readonly environment: string | undefined;
  readonly roles: readonly string[];
  /** Refs in the order of the body: an index into it means one of these. */
  readonly secrets: readonly string[];
  readonly configcrates: readonly string[];
  /** Of its check-ins; undefined: as for the whole fleet. */
  readonly intervalMs: number | undefined;
}

export const intendedBy = ({ encoded, resolved }: Bundle): Intended => ({
  digest: encoded.digest,
  get body() {
    return encoded.bytes;
  },
  environment: resolved.environment,
  secrets: resolved.secrets,
  roles: resolved.roles,
  configcrates: resolved.configcrates,
  intervalMs: resolved.checkin.intervalMs,
});
