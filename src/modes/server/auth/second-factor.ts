/** A user's second factor: codes of an app, and recovery codes for when it is lost. Must not know the database, nor passwords. */
import { randomBytes } from "node:crypto";
import { fromBase32, stepAt, stepOf, toBase32 } from "../../../core/totp.ts";
import { hashOf } from "../secret.ts";
import { isSealed } from "./sealed-factors.ts";
import type { TotpState } from "../store/identity.ts";

/** Unconfirmed: nobody is asked for its codes yet. */
export const newTotp = (): TotpState => ({
  secret: toBase32(randomBytes(20)),
  lastStep: 0,
  recovery: [],
});

/** Ten, of 80 random bits each: a fast hash keeps them. */
export const newRecoveryCodes = (): readonly string[] =>
  Array.from({ length: 10 }, () => (toBase32(randomBytes(10)).match(/.{4}/g) ?? []).join("-"));

/** What is left once this code has been used, or undefined when it is none. */
export function used(totp: TotpState, written: string, now: number): TotpState | undefined {
  const code = written.replace(/[ -]/g, "").toUpperCase();
  // A clock that was set back would refuse every code until it has caught up; codes of the far future were never taken.
  const last = Math.min(totp.lastStep, stepAt(now) + 1);
  const step = isSealed(totp.secret) ? undefined : stepOf(fromBase32(totp.secret), code, now, last);
  if (step !== undefined) return { ...totp, lastStep: step };
  const hash = recoveryHash(code);
  if (!totp.recovery.includes(hash)) return undefined;
  return { ...totp, recovery: totp.recovery.filter((one) => one !== hash) };
}

export const recoveryHash = (code: string): string => hashOf(code.replaceAll("-", ""));
