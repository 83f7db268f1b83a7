/** The endpoints by which a caller gets, shows and gives back its right to call. Must not know how it is kept. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { hiddenText, parameters } from "../params.ts";
import { label } from "./api-tokens.ts";
import { endpoint, permissions } from "./endpoint.ts";
import { moment } from "./shapes.ts";
import { userName } from "./users.ts";

/** What login says when the password was right and a code is wanted as well; the CLI asks for it then. */
export const codeNeeded = "this user logs in with a code as well";

export const password = (description: string) =>
  hiddenText(description, { pattern: /^[\s\S]{1,1000}$/, wanted: "a password" });

export const code = (description: string) =>
  hiddenText(description, { pattern: /^[A-Za-z0-9 -]{6,30}$/, wanted: "a code" });

const credentials = {
  name: userName("Name of the user."),
  password: password("Its password."),
  code: code("Of its authenticator, or a recovery code, when it has one.").exactOptional(),
};

export const login = endpoint({
  method: "POST",
  path: "/login",
  summary: "Gives a token for a name and a password.",
  permission: "anyone",
  body: parameters({
    ...credentials,
    expires: duration("How long the token holds, a year at most.").default("30d"),
    label: label.default(""),
  }),
  response: z.object({
    token: z.string().describe("For `Authorization: Bearer`, shown this once: `vgot_…`."),
    expires_at: moment("When it ends."),
    role: z.string().describe("What it may do."),
  }),
});

const word = (description: string) =>
  hiddenText(description, { pattern: /^[A-Za-z0-9_-]{43,128}$/, wanted: "what was given" });

/** A browser brought the code from `/auth/oidc/login` to the program that asks now. */
export const loginByCode = endpoint({
  method: "POST",
  path: "/login/code",
  summary: "Gives a token for the code that a login at the OIDC provider ended with.",
  permission: "anyone",
  body: parameters({
    code: word("As it came back: good once, for a minute."),
    verifier: word("Of the challenge that the login began with (RFC 7636, S256)."),
    expires: duration("How long the token holds, a year at most.").default("30d"),
    label: label.default(""),
  }),
  response: login.response.extend({ name: z.string().describe("Name of the user.") }),
});

const csrf = z
  .string()
  .describe("What calls by the session that change anything must carry as `X-CSRF-Token`.");

/** The answer sets the cookie `__Host-vigo`. It ends after `auth.session_idle_timeout` without a call, and after 12 hours. */
export const openSession = endpoint({
  method: "POST",
  path: "/session",
  summary: "Begins a session of a browser for a name and a password.",
  permission: "anyone",
  body: parameters(credentials),
  response: z.object({
    name: z.string().describe("Name of the user."),
    role: z.string().describe("What it may do."),
    csrf_token: csrf,
  }),
});

/** A caller that used the local admin token has nothing to give back: `failed`. */
export const logout = endpoint({
  method: "POST",
  path: "/logout",
  summary: "Withdraws the token, or ends the session, that makes this very call.",
  permission: "authenticated",
  response: z.object({}),
});

export const me = endpoint({
  method: "GET",
  path: "/me",
  summary: "Tells who is calling and what that one may do.",
  permission: "authenticated",
  response: z.object({
    name: z.string().describe("Name of the user; `local` for the server's own host."),
    role: z.string().describe("admin, operator, viewer or compliance."),
    via: z.enum(["local-token", "api-token", "session"]).describe("How it was proven."),
    permissions: z.array(z.enum(permissions)).describe("What the role allows."),
    expires_at: moment("When the token ends; absent for others.").exactOptional(),
    csrf_token: csrf.exactOptional(),
  }),
});
