/** The endpoints about users, handled. Must not know HTTP, nor how somebody proves to be one. */
import { z } from "zod";
import {
  createUser,
  disableUser,
  enableUser,
  listUsers,
  setUserPassword,
  setUserRole,
  type User,
} from "../../../core/api/users.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { type Caller, implement } from "../http/implement.ts";
import { hashPassword } from "../password.ts";
import { newSecret } from "../secret.ts";
import type { UserRow } from "../store/identity.ts";
import type { Store } from "../store/store.ts";
import { isReserved, localUser, shownUser } from "./user.ts";

interface Deps {
  readonly store: Pick<Store, "users">;
  readonly now: () => number;
  /** Who knows the people. */
  readonly method: () => "local" | "oidc";
}

export const userRoutes = [
  implement(listUsers, async ({ query: { limit, cursor } }, { store }: Deps) => {
    const rows = await store.users.page(limit + 1, fromCursor(z.string(), cursor));
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      users: shown.map(shownUser),
      ...(rows.length > limit && last !== undefined ? { cursor: toCursor(last.name) } : {}),
    };
  }),
  implement(createUser, async ({ body }, { store, now }: Deps, { name: actor }) => {
    const [password, made] = chosen(body.password);
    const [name, at] = [body.name.toLowerCase(), now()];
    if (isReserved(name)) throw new VigoError("conflict", `${name} is no name for a user`);
    const row = localUser(name, body.role, await hashPassword(password), at);
    const detail = { role: body.role };
    if (
      !(await store.users.insert(row, { at, actor, action: "user.create", subject: name, detail }))
    )
      throw new VigoError("conflict", `there is a user ${name} already`, {
        hint: "vigo cli webusers list",
      });
    return { ...shownUser(row), ...made };
  }),
  implement(disableUser, async ({ params }, deps: Deps, caller) => {
    notOneself(caller, params.name);
    const at = deps.now();
    return changed(deps, caller, params.name, {
      action: "user.disable",
      ends: true,
      to: (row, others) => {
        leavesAnAdmin(row, others, deps.method());
        return { ...row, disabledAt: row.disabledAt ?? at };
      },
    });
  }),
  implement(enableUser, async ({ params }, deps: Deps, caller) =>
    changed(deps, caller, params.name, {
      action: "user.enable",
      to: (row) => ({ ...row, disabledAt: undefined }),
    }),
  ),
  implement(setUserRole, async ({ params, body: { role } }, deps: Deps, caller) => {
    notOneself(caller, params.name);
    return changed(deps, caller, params.name, {
      action: "user.role",
      detail: { role },
      to: (row, others) => {
        assertLocal(row, "its role comes from the provider: mend auth.oidc.role_map");
        if (role !== row.role) leavesAnAdmin(row, others, deps.method());
        return { ...row, role };
      },
    });
  }),
  implement(setUserPassword, async ({ params, body }, deps: Deps, caller) => {
    const [password, made] = chosen(body.password);
    const passwordHash = await hashPassword(password);
    const shown = await changed(deps, caller, params.name, {
      action: "user.password",
      ends: true,
      to: (row) => {
        assertLocal(row, "its password is the provider's");
        return { ...row, passwordHash };
      },
    });
    return { ...shown, ...made };
  }),
];

/** The password, and what of it is told: nothing when the caller has chosen it. */
function chosen(given: string | undefined): readonly [string, { readonly password?: string }] {
  if (given !== undefined) return [given, {}];
  const password = newSecret();
  return [password, { password }];
}

interface Change {
  readonly action: string;
  readonly detail?: Json;
  /** Its sessions and logins end with it; the caller's own stays. */
  readonly ends?: true;
  to(row: UserRow, others: () => readonly UserRow[]): UserRow;
}

async function changed(
  { store, now }: Deps,
  caller: Caller,
  written: string,
  { action, detail = null, ends, to }: Change,
): Promise<User> {
  const [name, at] = [written.toLowerCase(), now()];
  const act = { at, actor: caller.name, action, subject: name, detail };
  const ended = ends && { at, except: caller.loginId };
  const row = await store.users.change(name, to, act, ended);
  if (row !== undefined) return shownUser(row);
  throw new VigoError("missing", `no user ${name}`, { hint: "vigo cli webusers list" });
}

const isAdmin = ({ role, disabledAt }: UserRow): boolean =>
  disabledAt === undefined && role === "admin";

/**
 * Whoever asks, on this host too: another admin can be made first. With passwords one of the provider's people cannot log in;
 * with a provider anybody of its groups may become an admin, so that there any other will do.
 */
function leavesAnAdmin(
  row: UserRow,
  others: () => readonly UserRow[],
  method: "local" | "oidc",
): void {
  const counts = (one: UserRow) => isAdmin(one) && (method === "oidc" || one.origin === "local");
  if (!counts(row) || others().some(counts)) return;
  throw new VigoError("conflict", `${row.name} is the last admin who can log in`, {
    hint: "make another one first: vigo cli webusers create NAME --role admin",
  });
}

/** An admin who slips is still there to mend it. */
function notOneself({ name, via }: Caller, user: string): void {
  if (via !== "local-token" && name === user.toLowerCase())
    throw new VigoError("conflict", "nobody can shut out or demote themselves", {
      hint: "ask another admin, or do it on the server's own host",
    });
}

function assertLocal({ name, origin }: UserRow, hint: string): void {
  if (origin !== "local")
    throw new VigoError("conflict", `${name} is a user of the OIDC provider`, { hint });
}
