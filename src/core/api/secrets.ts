/** The endpoints about secrets. Paths travel in the body or the query, because they hold `/`. Must not know how they are kept. */
import { z } from "zod";
import { hiddenText, parameters, text } from "../params.ts";
import { longestSecret, longestSecretPath, secretPathPattern } from "../secret-path.ts";
import { endpoint } from "./endpoint.ts";
import { count, moment } from "./shapes.ts";

const path = (description: string) =>
  text(description, {
    pattern: new RegExp(
      `^(?=.{1,${longestSecretPath}}$)(?!.*/\\.{1,2}(?:/|$))${secretPathPattern}$`,
    ),
    wanted: `the path of a secret like web/db, ${longestSecretPath} letters at most, no part of it . or ..`,
  });

const secret = z.object({
  path: z.string().describe("What policy calls it."),
  version: count("Counts up with each new value."),
  changed_at: moment("When it got this value."),
});

export const initSecrets = endpoint({
  method: "POST",
  path: "/secrets/init",
  summary: "Makes the master key that secrets are encrypted with.",
  permission: "secrets.write",
  response: z.object({ key: z.string().describe("Its id.") }),
});

export const listSecrets = endpoint({
  method: "GET",
  path: "/secrets",
  summary: "Lists secrets by path, without their values.",
  permission: "secrets.write",
  response: z.object({ secrets: z.array(secret).describe("All of them.") }),
});

export const setSecret = endpoint({
  method: "POST",
  path: "/secrets/set",
  shownBy: "/secrets",
  summary: "Gives a secret a value, the first or a new one.",
  permission: "secrets.write",
  bodyLimit: 2 * longestSecret,
  body: parameters({
    path: path("What policy calls it."),
    value_base64: hiddenText("The value, UTF-8, in base64.", {
      pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
      wanted: "base64",
    }),
  }),
  response: secret.extend({
    short: z.boolean().describe("So short that whole lines must be hidden where it shows up."),
  }),
});

export const getSecret = endpoint({
  method: "POST",
  path: "/secrets/get",
  summary: "Shows the value of a secret; the audit log tells who saw it.",
  permission: "secrets.write",
  body: parameters({ path: path("What policy calls it.") }),
  response: secret.extend({ value_base64: z.string().describe("The value in base64.") }),
});

export const deleteSecret = endpoint({
  method: "POST",
  path: "/secrets/delete",
  shownBy: "/secrets",
  summary: "Deletes a secret; envoys that need it are blocked where they do.",
  permission: "secrets.write",
  body: parameters({ path: path("What policy calls it.") }),
  response: secret,
});

export const rotateSecrets = endpoint({
  method: "POST",
  path: "/secrets/rotate",
  shownBy: "/secrets",
  summary: "Encrypts every secret with a new master key; values stay as they are.",
  permission: "secrets.write",
  response: z.object({
    key: z.string().describe("Id of the new master key."),
    secrets: count("How many it encrypts."),
  }),
});
