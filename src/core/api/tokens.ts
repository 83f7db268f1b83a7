/** The endpoints about enrolment tokens. Must not know how they are kept. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { parameters, text, whole } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, glob, moment } from "./shapes.ts";

const token = z.object({
  id: z.string().describe("Its public part."),
  label: z.string().describe("What it is for, as its maker wrote."),
  match: z.string().exactOptional().describe("Hostnames it may enrol; absent: any."),
  uses_left: count("How many more machines it enrols; absent: no limit.").exactOptional(),
  created_at: moment("When it was made."),
  expires_at: moment("When it ends."),
  revoked_at: moment("When it was withdrawn; absent while it holds.").exactOptional(),
  ephemeral_s: count(
    "Silence in seconds after which a machine that enrolled with it is forgotten; absent: never.",
  ).exactOptional(),
  usable: z.boolean().describe("Neither revoked, expired nor used up."),
});

export type Token = z.output<typeof token>;

export const createToken = endpoint({
  method: "POST",
  path: "/tokens",
  shownBy: "/tokens",
  summary: "Makes a token that enrols machines.",
  permission: "enroll.write",
  body: parameters({
    uses: whole("How many machines it enrols; 0: no limit.", { max: 1_000_000 }).default(1),
    expires: duration("How long it holds, a year at most.").default("24h"),
    match: glob("Hostnames it may enrol, like web-*; absent: any.").exactOptional(),
    ephemeral: duration(
      "Silence after which a machine that enrolled with it is forgotten, a year at most; absent: never.",
    ).exactOptional(),
    label: text("What it is for.", {
      pattern: /^[^\p{Cc}]{0,200}$/u,
      wanted: "a line of 200 characters at most",
    }).default(""),
  }),
  response: token.extend({
    token: z.string().describe("The token itself, shown this once: `vgt_ID_SECRET_FINGERPRINT`."),
    api_port: count("Where this server's HTTPS listens."),
    server_names: z
      .array(z.string())
      .describe("Names and addresses in the server's certificate, the best first."),
    public_key_pin: z
      .string()
      .describe("sha256 of the server's public key (SPKI), base64, for `curl --pinnedpubkey`."),
  }),
});

export const listTokens = endpoint({
  method: "GET",
  path: "/tokens",
  summary: "Lists enrolment tokens, the newest first.",
  permission: "fleet.read",
  response: z.object({ tokens: z.array(token).describe("All of them.") }),
});

export const revokeToken = endpoint({
  method: "POST",
  path: "/tokens/:id/revoke",
  shownBy: "/tokens",
  summary: "Withdraws an enrolment token; who enrolled with it stays.",
  permission: "enroll.write",
  response: token,
});
