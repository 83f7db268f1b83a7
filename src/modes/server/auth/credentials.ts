/** Is it really this user? Name, password, and a code where the user has asked for it. Must not know HTTP, nor what one gets for it. */
import { codeNeeded } from "../../../core/api/auth.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { hashPassword, isPassword } from "../password.ts";
import { newSecret } from "../secret.ts";
import type { UserRow } from "../store/identity.ts";
import type { Store } from "../store/store.ts";
import { hasTotp } from "../users/user.ts";
import { isSealed } from "./sealed-factors.ts";
import type { Lockout } from "./lockout.ts";
import { used } from "./second-factor.ts";

export interface Proof {
  readonly name: string;
  readonly password: string;
  readonly code?: string | undefined;
}

export interface ProofDeps {
  readonly store: Pick<Store, "users">;
  readonly lockout: Lockout;
  readonly log: Log;
  readonly now: () => number;
}

/** Hashed at the first need; a name that nobody has costs as much time as a wrong password. */
let nobody: Promise<string> | undefined;

/** Rejects with `unauthenticated`, `denied` for a user that is shut out, or `limited`. */
export async function proven(deps: ProofDeps, proof: Proof, address: string): Promise<UserRow> {
  const { store, lockout, log } = deps;
  const name = proof.name.toLowerCase();
  lockout.attempt(name);
  const user = await store.users.find(name);
  nobody ??= hashPassword(newSecret());
  const isRight = await isPassword(proof.password, user?.passwordHash || (await nobody));
  if (!isRight || user === undefined || user.passwordHash === "") {
    log.warn("login refused", { user: name, address });
    throw new VigoError("unauthenticated", "name or password is wrong");
  }
  if (hasTotp(user)) await takeCode(deps, user, proof.code, address);
  if (user.disabledAt !== undefined)
    throw new VigoError("denied", `the user ${name} is disabled`, { hint: "ask an admin" });
  lockout.passed(name);
  return user;
}

/** Each code is taken once, by one of those who show it at the same time. */
async function takeCode(
  { store, log, now }: ProofDeps,
  { name }: UserRow,
  code: string | undefined,
  address: string,
): Promise<void> {
  if (code === undefined)
    throw new VigoError("unauthenticated", codeNeeded, {
      hint: "what the authenticator app shows, or a recovery code",
    });
  const taken = await store.users.change(
    name,
    (row) => {
      const totp = row.totp && used(row.totp, code, now());
      return totp && { ...row, totp };
    },
    undefined,
  );
  if (taken !== undefined) return;
  if (isSealed((await store.users.find(name))?.totp?.secret ?? ""))
    throw new VigoError("failed", "the key of second factors is another than this user's", {
      hint: "restore tls/factor_key, or use a recovery code; an admin: vigo cli webusers reset-totp NAME",
    });
  log.warn("login refused: wrong code", { user: name, address });
  throw new VigoError("unauthenticated", "the code is wrong, or was used before", {
    hint: "wait for the next one; is the clock of the phone right?",
  });
}
