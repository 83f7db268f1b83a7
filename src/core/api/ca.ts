/** How the server's CA is replaced while the fleet goes on. Must not know where keys are. */
import { z } from "zod";
import { flag, parameters } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, moment } from "./shapes.ts";

const ca = z.object({
  fingerprint: z.string().describe("sha256 of its certificate's DER, hex."),
  expires_at: moment("When it ends."),
});

const rotation = z.object({
  ca: ca.describe("The one in force: it issues the server's certificate, and tokens name it."),
  next: ca.exactOptional().describe("The one to come; absent unless it is being replaced."),
  moved: count(
    "Envoys that know the CAs of now, and have shown the certificate that came with them.",
  ),
  waiting: count("Envoys that do not; each is asked at one of its next check-ins."),
  waiting_envoys: z
    .array(
      z.object({
        id: z.string().describe("Identity, a UUID."),
        hostname: z.string().describe("The name as enrolled."),
        last_seen_at: moment("Its last check-in; absent before the first.").exactOptional(),
      }),
    )
    .describe("The first hundred of those that wait, the longest silent first."),
});

export type Rotation = z.output<typeof rotation>;

export const showRotation = endpoint({
  method: "GET",
  path: "/server/ca",
  summary: "Shows the CA, and how far its replacement is.",
  permission: "fleet.read",
  edited: ["ca", "next"],
  response: rotation,
});

/** From now on envoys get certificates of the next CA and trust both; the server goes on showing one of the former. */
export const beginRotation = endpoint({
  method: "POST",
  path: "/server/ca",
  shownBy: "/server/ca",
  summary: "Makes the CA that will replace the present one.",
  permission: "admin",
  response: rotation,
});

/** Refused with `conflict` while envoys wait, unless forced; tokens made before are void afterwards. */
export const finishRotation = endpoint({
  method: "POST",
  path: "/server/ca/finish",
  shownBy: "/server/ca",
  summary: "Drops the former CA.",
  permission: "admin",
  body: parameters({
    force: flag(
      "Also while envoys do not know the next one; each of them then needs a token.",
    ).default(false),
  }),
  response: rotation,
});
