/** The endpoints about alerts and their deliveries. Must not know how they are kept, nor how they are sent. */
import { z } from "zod";
import { choice, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, cursor, moment, paging } from "./shapes.ts";

const alert = z.object({
  id: count("Counts up."),
  at: moment("When it happened."),
  kind: z.string().describe("`envoy.stale`, `run.failed`, …"),
  severity: z.string().describe("info, warning or critical."),
  subject: z.string().describe("What it is about."),
  title: z.string().describe("One line."),
  detail: z.json().describe("Particulars."),
});

export type Alert = z.output<typeof alert>;

const states = ["waiting", "sent", "dead"] as const;

const delivery = z.object({
  id: count("Counts up."),
  target: z.string().describe("`mail`, or the name of a webhook."),
  state: z.enum(states).describe("waiting, sent, or dead: given up."),
  attempts: count("So far."),
  next_at: moment("When it is tried next; only while it waits.").exactOptional(),
  ended_at: moment("When it was sent or given up.").exactOptional(),
  error: z.string().exactOptional().describe("What went wrong last."),
  alert,
});

export type Delivery = z.output<typeof delivery>;

export const listAlerts = endpoint({
  method: "GET",
  path: "/alerts",
  summary: "Lists alerts, the newest first.",
  permission: "fleet.read",
  query: parameters(paging),
  response: z.object({ alerts: z.array(alert).describe("One page of them."), cursor }),
});

export const listDeliveries = endpoint({
  method: "GET",
  path: "/alerts/deliveries",
  summary: "Lists deliveries of alerts, the newest first.",
  permission: "fleet.read",
  query: parameters({
    ...paging,
    state: choice("In this state only.", states).exactOptional(),
  }),
  response: z.object({ deliveries: z.array(delivery).describe("One page of them."), cursor }),
});

export const retryDelivery = endpoint({
  method: "POST",
  path: "/alerts/deliveries/:id/retry",
  summary: "Tries a delivery again that was given up.",
  permission: "admin",
  response: z.object({
    id: count("Of the delivery."),
    target: z.string().describe("Where it goes."),
  }),
});

export const testAlerts = endpoint({
  method: "POST",
  path: "/alerts/test",
  summary: "Sends a test to all places that alerts go to, or to one.",
  permission: "admin",
  body: parameters({
    target: text("`mail`, or the name of a webhook.").exactOptional(),
  }),
  response: z.object({ deliveries: z.array(delivery).describe("How each of them ended so far.") }),
});
