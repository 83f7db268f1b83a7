/** The endpoints about tokens that call this API. Must not know how they are kept. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { flag, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { cursor, moment, paging } from "./shapes.ts";
import { userName } from "./users.ts";

const apiToken = z.object({
  id: z.string().describe("Its public part."),
  user: z.string().describe("Whose role it has."),
  label: z.string().describe("What it is for, as its maker wrote."),
  kind: z
    .enum(["login", "made"])
    .describe("login: given for a password, and ends with it. made: for a program."),
  created_at: moment("When it was made."),
  expires_at: moment("When it ends."),
  revoked_at: moment("When it was withdrawn; absent while it holds.").exactOptional(),
});

export type ApiToken = z.output<typeof apiToken>;

export const label = text("Who will use it.", {
  pattern: /^[^\p{Cc}]{0,200}$/u,
  wanted: "a line of 200 characters at most",
});

/** The local token has no user of its own: `user` is needed with it. */
export const createApiToken = endpoint({
  method: "POST",
  path: "/api-tokens",
  shownBy: "/api-tokens",
  summary: "Makes a token that calls this API with the role of its user.",
  permission: "authenticated",
  body: parameters({
    label: label.default(""),
    expires: duration("How long it holds, a year at most.").default("90d"),
    user: userName("For another user; only admins may.").exactOptional(),
  }),
  response: apiToken.extend({
    token: z.string().describe("For `Authorization: Bearer`, shown this once: `vgot_…`."),
  }),
});

export const listApiTokens = endpoint({
  method: "GET",
  path: "/api-tokens",
  summary: "Lists one's tokens for this API, the newest first.",
  permission: "authenticated",
  query: parameters({
    ...paging,
    all: flag("Those of every user; only admins may.").default(false),
  }),
  response: z.object({ tokens: z.array(apiToken).describe("One page of them."), cursor }),
});

export const revokeApiToken = endpoint({
  method: "POST",
  path: "/api-tokens/:id/revoke",
  shownBy: "/api-tokens",
  summary: "Withdraws a token; another user's only as an admin.",
  permission: "authenticated",
  response: apiToken,
});
