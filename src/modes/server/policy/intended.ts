/** What envoys must enforce, shared by all that resolve identically. Types only. */

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
