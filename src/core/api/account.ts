/** The endpoints by which users look after their own password and second factor. Must not know how these are kept. */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import { parameters } from "../params.ts";
import { code, password } from "./auth.ts";
import { endpoint } from "./endpoint.ts";
import { newPassword } from "./users.ts";

/** Other sessions and logins end; tokens that were made for programs stay. */
export const changePassword = endpoint({
  method: "POST",
  path: "/me/password",
  summary: "Changes one's own password.",
  permission: "authenticated",
  body: parameters({
    current: password("The one until now."),
    password: newPassword("The new one."),
    code: code("Where logging in takes one.").exactOptional(),
  }),
  response: z.object({}),
});

/** It asks for codes only after `confirmTotp`. */
export const beginTotp = endpoint({
  method: "POST",
  path: "/me/totp",
  summary: "Gives a secret for an authenticator app.",
  permission: "authenticated",
  body: parameters({ password: password("One's password.") }),
  response: z.object({
    secret: z.string().describe("In base32, to type in."),
    uri: z.string().describe("The same as `otpauth://…`, for a QR code."),
  }),
});

export const confirmTotp = endpoint({
  method: "POST",
  path: "/me/totp/confirm",
  summary: "Proves that the app has the secret; from then on logging in takes a code.",
  permission: "authenticated",
  body: parameters({ code: code("What the app shows.") }),
  response: z.object({
    recovery_codes: z
      .array(z.string())
      .describe("Each stands in for one code when the app is lost; shown this once."),
  }),
});

export const endTotp = endpoint({
  method: "POST",
  path: "/me/totp/end",
  summary: "Logging in takes no code any more.",
  permission: "authenticated",
  body: parameters({
    password: password("One's password."),
    code: code("What the app shows, or a recovery code."),
  }),
  response: z.object({}),
});

/** Root of the server's host, who has nothing of the kind. */
export const noUser = (): VigoError =>
  new VigoError("failed", "the local token of this host has no user", {
    hint: "vigo cli webusers password NAME sets the password of one",
  });
