/** What a failed call means to the agent. Must not know which call it was. */
import { Code, ConnectError } from "@connectrpc/connect";
import { type Failure, VigoError } from "../../core/errors.ts";
import { metadata, type RefusalReason } from "../../core/wire/service.ts";

const failures: Partial<Record<Code, Failure>> = {
  [Code.InvalidArgument]: "invalid",
  [Code.NotFound]: "missing",
  [Code.AlreadyExists]: "conflict",
  [Code.PermissionDenied]: "denied",
  [Code.ResourceExhausted]: "limited",
  [Code.FailedPrecondition]: "failed",
  [Code.Unauthenticated]: "unauthenticated",
  [Code.Unimplemented]: "failed",
};

/** A refusal names its reason; a failure of the network, or of a proxy in between, does not. */
export const refusalReason = (error: ConnectError): RefusalReason | undefined =>
  (error.metadata.get(metadata.reason) ?? undefined) as RefusalReason | undefined;

export function linkFailure(caught: unknown, server: string, now: number): VigoError {
  if (!(caught instanceof ConnectError)) throw caught;
  if (refusalReason(caught) === "clock_skew") return clockSkew(caught, now);
  const failure = failures[caught.code] ?? "unavailable";
  if (failure !== "unavailable") {
    const reason = refusalReason(caught);
    const hint = (reason && byReason[reason]) ?? hints[failure];
    return new VigoError(failure, caught.rawMessage, { hint, cause: caught });
  }
  return new VigoError("unavailable", `cannot reach ${server}: ${caught.rawMessage}`, {
    hint: "the last bundle is enforced meanwhile",
    cause: caught,
  });
}

const hints: Partial<Record<Failure, string>> = {
  missing:
    "the server does not know this envoy; enrol it again: vigo agent bootstrap --force with a token",
};

const byReason: Partial<Record<RefusalReason, string>> = {
  cloned:
    "when this machine is the copy, give it an identity of its own: vigo agent bootstrap --force",
  revoked:
    "what it has goes on being enforced; to bring the machine back: vigo agent bootstrap --force with a token, to let it go: vigo agent uninstall",
};

function clockSkew(error: ConnectError, now: number): VigoError {
  const offset = Number(error.metadata.get(metadata.serverTime)) - now;
  const hint = Number.isFinite(offset)
    ? `the server's clock is ${Math.abs(offset / 1000).toFixed(1)} s ${offset < 0 ? "behind" : "ahead of"} this machine's: set the clock`
    : "set this machine's clock";
  return new VigoError("failed", error.rawMessage, { hint, cause: error });
}
