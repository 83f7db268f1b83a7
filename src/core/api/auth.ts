/** The endpoints by which a caller gets, shows and gives back its right to call. Must not know how it is kept. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { parameters, text } from "../params.ts";
import { endpoint, permissions } from "./endpoint.ts";
import { moment } from "./shapes.ts";

export const login = endpoint({
  method: "POST",
  path: "/login",
  summary: "Gives a token for a name and a password.",
  permission: "anyone",
  body: parameters({
    name: text("Name of the user.", {
      pattern: /^[a-z0-9][a-z0-9._-]{0,63}$/i,
      wanted: "a user name",
    }),
    password: text("Its password.", { pattern: /^[\s\S]{1,1000}$/, wanted: "a password" }),
    expires: duration("How long the token holds, a year at most.").default("30d"),
    label: text("Who will use it.", {
      pattern: /^[^\p{Cc}]{0,200}$/u,
      wanted: "200 characters at most",
    }).default(""),
  }),
  response: z.object({
    token: z.string().describe("For `Authorization: Bearer`, shown this once: `vgot_…`."),
    expires_at: moment("When it ends."),
    role: z.string().describe("What it may do."),
  }),
});

/** A caller that used the local admin token has nothing to give back: `failed`. */
export const logout = endpoint({
  method: "POST",
  path: "/logout",
  summary: "Withdraws the token that makes this very call.",
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
    via: z.enum(["local-token", "api-token"]).describe("How it was proven."),
    permissions: z.array(z.enum(permissions)).describe("What the role allows."),
    expires_at: moment("When the token ends; absent for the local one.").exactOptional(),
  }),
});
