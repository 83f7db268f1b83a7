/** The endpoints about newcomers that wait for a person. Must not know how they are kept. */
import { z } from "zod";
import { choice, parameters } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { moment } from "./shapes.ts";

const states = ["waiting", "approved", "rejected"] as const;

const pending = z.object({
  id: z.string().describe("What is approved or rejected."),
  hostname: z.string().describe("The name it asks for."),
  reason: z.string().describe("Why a person is asked."),
  key_fingerprint: z.string().describe("To compare with what the machine shows."),
  platform: z.string().describe("Operating system."),
  arch: z.string().describe("Processor."),
  address: z.string().describe("Where the request came from."),
  token_id: z.string().describe("The token it showed."),
  requested_at: moment("When it came first."),
  state: z.enum(states).describe("What was decided."),
  envoy_id: z.string().exactOptional().describe("Its identity, once approved and fetched."),
});

export type Pending = z.output<typeof pending>;

export const listPending = endpoint({
  method: "GET",
  path: "/enroll/pending",
  summary: "Lists machines that ask to enrol, the newest first.",
  permission: "fleet.read",
  query: parameters({ state: choice("Only those decided so.", states).default("waiting") }),
  response: z.object({ pending: z.array(pending).describe("The newest 1,000.") }),
});

export const approvePending = endpoint({
  method: "POST",
  path: "/enroll/pending/:id/approve",
  shownBy: "/enroll/pending",
  summary: "Lets a waiting machine enrol the next time it asks.",
  permission: "enroll.write",
  response: pending,
});

export const rejectPending = endpoint({
  method: "POST",
  path: "/enroll/pending/:id/reject",
  shownBy: "/enroll/pending",
  summary: "Turns a waiting machine away.",
  permission: "enroll.write",
  response: pending,
});
