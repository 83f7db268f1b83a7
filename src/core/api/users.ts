/** The endpoints about users, for admins. Must not know how they are kept, nor how one logs in. */
import { z } from "zod";
import { choice, hiddenText, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { roles } from "./roles.ts";
import { cursor, moment, paging } from "./shapes.ts";

const user = z.object({
  name: z.string().describe("What it logs in with."),
  role: z.string().describe("admin, operator, viewer or compliance; none: it may do nothing."),
  origin: z.enum(["local", "oidc"]).describe("Who vouches for it: this server, or the provider."),
  created_at: moment("When it was made."),
  disabled_at: moment("When it was shut out; absent while it is welcome.").exactOptional(),
  totp: z.boolean().describe("Logging in asks for a code as well."),
});

export type User = z.output<typeof user>;

export const userName = (description: string) =>
  text(description, {
    pattern: /^[a-z0-9][a-z0-9._@-]{0,63}$/i,
    wanted: "a user name: letters, digits, and . _ @ - after the first",
  });

/** As it is chosen; what is given at login may be anything. */
export const newPassword = (description: string) =>
  hiddenText(description, {
    pattern: /^[\s\S]{12,1000}$/,
    wanted: "12 characters at least, 1000 at most",
  });

const role = choice("What it may do.", roles);

const withPassword = user.extend({
  password: z
    .string()
    .exactOptional()
    .describe("Made by the server because none was given; shown this once."),
});

export const listUsers = endpoint({
  method: "GET",
  path: "/users",
  summary: "Lists users by name.",
  permission: "admin",
  query: parameters(paging),
  response: z.object({ users: z.array(user).describe("One page of them."), cursor }),
});

export const createUser = endpoint({
  method: "POST",
  path: "/users",
  shownBy: "/users",
  summary: "Makes a user.",
  permission: "admin",
  body: parameters({
    name: userName("What it logs in with; capitals do not count."),
    role,
    password: newPassword("Absent: the server makes one.").exactOptional(),
  }),
  response: withPassword,
});

/** Its sessions and tokens stop at once; nothing of it is forgotten. */
export const disableUser = endpoint({
  method: "POST",
  path: "/users/:name/disable",
  shownBy: "/users",
  summary: "Shuts a user out.",
  permission: "admin",
  response: user,
});

export const enableUser = endpoint({
  method: "POST",
  path: "/users/:name/enable",
  shownBy: "/users",
  summary: "Lets a user in again.",
  permission: "admin",
  response: user,
});

export const setUserRole = endpoint({
  method: "POST",
  path: "/users/:name/role",
  shownBy: "/users",
  summary: "Changes what a user may do, also with the tokens it has.",
  permission: "admin",
  body: parameters({ role }),
  response: user,
});

/** Sessions and logins of the user end; tokens that were made for programs stay. */
export const setUserPassword = endpoint({
  method: "POST",
  path: "/users/:name/password",
  shownBy: "/users",
  summary: "Gives a user another password.",
  permission: "admin",
  body: parameters({ password: newPassword("Absent: the server makes one.").exactOptional() }),
  response: withPassword,
});

/** For who has lost the app and the recovery codes. */
export const resetTotp = endpoint({
  method: "POST",
  path: "/users/:name/totp/reset",
  shownBy: "/users",
  summary: "Lets a user log in without a code again.",
  permission: "admin",
  response: user,
});
