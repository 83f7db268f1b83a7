/** The endpoints by which users look after their own password and second factor, handled. Must not know HTTP. */
import {
  beginTotp,
  changePassword,
  confirmTotp,
  endTotp,
  noUser,
} from "../../../core/api/account.ts";
import { resetTotp } from "../../../core/api/users.ts";
import { asVigoError, VigoError } from "../../../core/errors.ts";
import { keyUri } from "../../../core/totp.ts";
import { type Caller, implement } from "../http/implement.ts";
import { hashPassword } from "../password.ts";
import type { TotpState, UserRow } from "../store/identity.ts";
import { hasTotp, shownUser } from "../users/user.ts";
import { type ProofDeps, proven } from "./credentials.ts";
import { newRecoveryCodes, newTotp, recoveryHash, used } from "./second-factor.ts";

export const accountRoutes = [
  implement(changePassword, async ({ body }, deps: ProofDeps, caller) => {
    await again(deps, caller, body.current, body.code);
    const passwordHash = await hashPassword(body.password);
    const at = deps.now();
    const act = actOf(caller, "user.password", at);
    const ended = { at, except: caller.loginId };
    await deps.store.users.change(caller.name, (row) => ({ ...row, passwordHash }), act, ended);
    return {};
  }),
  implement(beginTotp, async ({ body }, deps: ProofDeps, caller) => {
    const user = await again(deps, caller, body.password);
    if (hasTotp(user)) throw there();
    const totp = newTotp();
    await deps.store.users.change(
      caller.name,
      (row) => (hasTotp(row) ? undefined : { ...row, totp }),
      undefined,
    );
    return { secret: totp.secret, uri: keyUri("Vigo", caller.name, totp.secret) };
  }),
  implement(confirmTotp, async ({ body }, deps: ProofDeps, caller) => {
    ownUser(caller);
    deps.lockout.attempt(caller.name);
    const codes = newRecoveryCodes();
    const at = deps.now();
    const to = (row: UserRow) => {
      if (hasTotp(row)) throw there();
      const totp = row.totp && used(row.totp, body.code, at);
      return totp && { ...row, totp: confirmed(totp, codes, at) };
    };
    const act = actOf(caller, "user.totp", at);
    if ((await deps.store.users.change(caller.name, to, act)) === undefined) throw wrongCode();
    deps.lockout.passed(caller.name);
    return { recovery_codes: [...codes] };
  }),
  implement(endTotp, async ({ body }, deps: ProofDeps, caller) => {
    await again(deps, caller, body.password, body.code);
    const act = actOf(caller, "user.totp-end", deps.now());
    await deps.store.users.change(caller.name, (row) => ({ ...row, totp: undefined }), act);
    return {};
  }),
  implement(resetTotp, async ({ params }, { store, now }: ProofDeps, caller) => {
    const name = params.name.toLowerCase();
    const act = { ...actOf(caller, "user.totp-end", now()), subject: name };
    const row = await store.users.change(name, (before) => ({ ...before, totp: undefined }), act);
    if (row !== undefined) return shownUser(row);
    throw new VigoError("missing", `no user ${name}`, { hint: "vigo cli webusers list" });
  }),
];

const confirmed = (totp: TotpState, codes: readonly string[], at: number): TotpState => ({
  ...totp,
  confirmedAt: at,
  recovery: codes.map(recoveryHash),
});

const actOf = ({ name: actor }: Caller, action: string, at: number) => ({
  at,
  actor,
  action,
  subject: actor,
  detail: null,
});

/** A browser left open is not enough for these. */
async function again(
  deps: ProofDeps,
  caller: Caller,
  password: string,
  code?: string,
): Promise<UserRow> {
  ownUser(caller);
  const proof = { name: caller.name, password, code };
  return proven(deps, proof, caller.address).catch((caught: unknown) => {
    // 401 would say that the call itself was not proven.
    const { failure, message, hint } = asVigoError(caught);
    throw failure === "unauthenticated" ? new VigoError("denied", message, { hint }) : caught;
  });
}

function ownUser({ via }: Caller): void {
  if (via === "local-token") throw noUser();
}

const there = () =>
  new VigoError("conflict", "there is a second factor already", { hint: "end it first" });

const wrongCode = () =>
  new VigoError("denied", "the code is wrong", {
    hint: "is the clock of the phone right? POST /api/v1/me/totp gives another secret",
  });
