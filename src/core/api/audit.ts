/** The endpoint about the audit log. Must not know how it is kept. */
import { z } from "zod";
import { parameters, text, whole } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, cursor, moment, paging } from "./shapes.ts";

const entry = z.object({
  id: count("Counts up."),
  at: moment("When."),
  actor: z.string().describe("Who."),
  action: z.string().describe("What: `envoy.revoke`."),
  subject: z.string().describe("To whom or what."),
  detail: z.json().describe("Particulars."),
  request_id: z
    .string()
    .exactOptional()
    .describe(
      "Of the request that asked for it, as in the log; absent: the server did it by itself.",
    ),
  hash: z.string().describe("sha256 over the entry before and this one, hex."),
});

export type Entry = z.output<typeof entry>;

export const listAudit = endpoint({
  method: "GET",
  path: "/audit",
  summary: "Lists privileged acts, the newest first.",
  permission: "audit.read",
  query: parameters(paging),
  response: z.object({
    entries: z.array(entry).describe("One page of them."),
    cursor,
  }),
});

export const exportAudit = endpoint({
  method: "GET",
  path: "/audit/export",
  summary: "Gives privileged acts in the order in which they were done, for archives.",
  permission: "audit.read",
  query: parameters({
    limit: whole("Most rows in one answer.", { min: 1, max: 1000 }).default(1000),
    after: whole("The last entry that is there already.").default(0),
  }),
  response: z.object({
    entries: z.array(entry).describe("The next of them; none when there are no more."),
  }),
});

export const verifyAudit = endpoint({
  method: "GET",
  path: "/audit/verify",
  summary: "Follows the audit log from its first entry to its last.",
  permission: "audit.read",
  patience: 250,
  query: parameters({
    head: text("A head that was kept: does the log still hold all it held then?").exactOptional(),
  }),
  response: z.object({
    holds: z.boolean().describe("Nothing was changed, and nothing taken away."),
    problem: z.string().exactOptional().describe("What is wrong, as a sentence."),
    entries: count("How many hold, from the first on."),
    head: z
      .string()
      .exactOptional()
      .describe("The newest signed head: keep it elsewhere, and ask with it another time."),
  }),
});
