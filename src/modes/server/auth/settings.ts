/** What `server.yaml` says about logging in. Must not know how anybody does. */
import { z } from "zod";
import { choice, hiddenText, text } from "../../../core/params.ts";
import { roles } from "../../../core/api/roles.ts";
import { section, span } from "../config/fields.ts";

const claim = (description: string) =>
  text(description, { pattern: /^[\x21-\x7e]{1,200}$/, wanted: "the name of a claim" });

const oidc = section({
  issuer: text("Address of the provider, as its discovery document spells it.", {
    pattern: /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/])[^\s?#]{1,2000}$/,
    wanted: "an https address (http only on this host)",
  }),
  client_id: text("What this server is called there.", {
    pattern: /^[\x20-\x7e]{1,500}$/,
    wanted: "the client's id",
  }),
  client_secret: hiddenText("What proves it; a public client has none.", {
    pattern: /^[\x20-\x7e]{1,1000}$/,
    wanted: "the client's secret",
  }).exactOptional(),
  redirect_url: text(
    "Where the provider sends people back to; the server's own address when left out.",
    {
      pattern: /^https:\/\/[^\s/?#]{1,260}\/auth\/oidc\/callback$/,
      wanted: "an address like https://vigo.example.org:8443/auth/oidc/callback",
    },
  ).exactOptional(),
  scopes: text("What the provider is asked for.", {
    pattern: /^openid(?: [\x21-\x7e]{1,100}){0,20}$/,
    wanted: "words with blanks between them, the first of them openid",
  }).default("openid profile email"),
  name_claim: claim("Claim that names the user.").default("preferred_username"),
  role_claim: claim("Claim that tells its groups: a text or a list of them.").default("groups"),
  role_map: z
    .record(z.string().min(1).max(500), choice("Role of its members.", roles), {
      error: "must be a map of groups and their roles",
    })
    .refine((map) => Object.keys(map).length > 0, { error: "names no group: nobody could log in" })
    .describe("Group to role; who is in several has the one that may do most."),
});

export const auth = section({
  method: choice("Who knows the people: this server, or an OIDC provider.", [
    "local",
    "oidc",
  ]).default("local"),
  session_idle_timeout: span("Silence after which a browser must log in again.", "15m", {
    min: "1m",
    max: "12h",
  }),
  oidc: z.preprocess((input) => input ?? undefined, oidc.optional()).optional(),
}).refine(({ method, oidc: provider }) => method === "local" || provider !== undefined, {
  error: "needs oidc.issuer, oidc.client_id and oidc.role_map when method is oidc",
});

export type OidcSettings = NonNullable<z.output<typeof auth>["oidc"]>;
