/** A request that is refused, with the reason that metrics count and agents read. Must not know how it travels. */
import { type Failure, VigoError } from "../../../core/errors.ts";
import { metadata, type RefusalReason } from "../../../core/wire/service.ts";

export class Refusal extends VigoError {
  readonly reason: RefusalReason;
  /** Sent beside the status. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(reason: RefusalReason, message: string, more: Readonly<Record<string, string>> = {}) {
    super(failures[reason], message);
    this.reason = reason;
    this.metadata = { [metadata.reason]: reason, ...more };
  }
}

const failures: Readonly<Record<RefusalReason, Failure>> = {
  size: "limited",
  envoy_not_found: "missing",
  revoked: "denied",
  wrong_envoy: "unauthenticated",
  clock_skew: "failed",
  bad_signature: "unauthenticated",
  replayed: "conflict",
  cloned: "failed",
};
