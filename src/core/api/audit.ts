/** The endpoint about the audit log. Must not know how it is kept. */
import { z } from "zod";
import { parameters } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, cursor, moment, paging } from "./shapes.ts";

export const listAudit = endpoint({
  method: "GET",
  path: "/audit",
  summary: "Lists privileged acts, the newest first.",
  permission: "audit.read",
  query: parameters(paging),
  response: z.object({
    entries: z
      .array(
        z.object({
          id: count("Counts up."),
          at: moment("When."),
          actor: z.string().describe("Who."),
          action: z.string().describe("What: `envoy.revoke`."),
          subject: z.string().describe("To whom or what."),
          detail: z.json().describe("Particulars."),
          hash: z.string().describe("sha256 over the entry before and this one, hex."),
        }),
      )
      .describe("One page of them."),
    cursor,
  }),
});
