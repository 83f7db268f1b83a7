/** Users and tokens straight into a store, for tests that are about something else. */
import type { UserRow } from "../../src/modes/server/store/identity.ts";
import type { Store } from "../../src/modes/server/store/store.ts";
import { newApiToken } from "../../src/modes/server/auth/api-tokens.ts";

const act = { at: 1, actor: "test", action: "test", subject: "test", detail: null };

export const person = (name: string, more: Partial<UserRow> = {}): UserRow => ({
  name,
  passwordHash: "",
  role: "admin",
  createdAt: 1,
  disabledAt: undefined,
  origin: "local",
  totp: undefined,
  ...more,
});

/** A user of this role and a token of its, as a bearer. */
export async function bearerFor(
  store: Pick<Store, "users" | "apiTokens">,
  role: string,
  name = role,
): Promise<string> {
  await store.users.insert(person(name, { role }), act);
  const { row, token } = newApiToken(name, "made", { expires: "10m", label: "" }, Date.now());
  await store.apiTokens.insert(row, act);
  return token;
}

/** One that has ended just now. */
export async function expiredBearer(
  store: Pick<Store, "apiTokens">,
  userName: string,
): Promise<string> {
  const { row, token } = newApiToken(
    userName,
    "made",
    { expires: "1h", label: "" },
    Date.now() - 3_600_001,
  );
  await store.apiTokens.insert(row, act);
  return token;
}
