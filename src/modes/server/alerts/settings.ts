/** What `server.yaml` says about alerts. Must not know how anything is sent. */
import { z } from "zod";
import { choice, hiddenText, list, text, whole } from "../../../core/params.ts";
import { atMostOf, keyed, section } from "../config/fields.ts";
import { kinds } from "./event.ts";

const families = [...new Set(Object.keys(kinds).map((kind) => `${kind.split(".")[0]}.*`))];
const known = ["*", ...families, ...Object.keys(kinds)];

const events = list(
  "Kinds of events, as run.failed, publish.* or *; when left out, all that are more than an information.",
  text("A kind.").refine((kind) => known.includes(kind), {
    error: `must be one of ${known.join(", ")}`,
  }),
)
  .max(100, atMostOf(100))
  .default([]);

const address = (description: string) =>
  text(description, { pattern: /^[^\s<>@,;]{1,64}@[^\s<>@,;]{1,255}$/, wanted: "a mail address" });

export const smtp = z
  .preprocess(
    (input) => input ?? undefined,
    section({
      host: text("Mail server.", { pattern: /^[a-z0-9.:-]{1,253}$/i, wanted: "a hostname" }),
      port: whole("Its port.", { min: 1, max: 65_535 }).default(587),
      tls: choice("How it is encrypted: after STARTTLS, from the first byte, or not at all.", [
        "starttls",
        "tls",
        "none",
      ]).default("starttls"),
      username: text("Account there.").exactOptional(),
      password: hiddenText("Its password.", { pattern: /^/, wanted: "a text" }).exactOptional(),
      from: address("Sender."),
      to: list("Who gets it.", address("One of them."))
        .min(1, { error: "names nobody" })
        .max(50, atMostOf(50)),
      events,
    }).optional(),
  )
  .optional();

const webhook = keyed({
  name: text("What it is called in lists.", {
    pattern: /^(?!mail$)[a-z0-9][a-z0-9_-]{0,62}$/,
    wanted: "small letters, digits, - and _, and not mail",
  }),
  url: text("Where it is sent.", {
    pattern: /^https?:\/\/\S{1,2000}$/,
    wanted: "an http or https address",
  }),
  shape: choice("What is sent: Vigo's own JSON, a Slack message, or a PagerDuty event.", [
    "json",
    "slack",
    "pagerduty",
  ]).default("json"),
  secret: hiddenText("Signs what is sent.", {
    pattern: /^.{16,256}$/,
    wanted: "16 to 256 characters",
  }).exactOptional(),
  routing_key: hiddenText("PagerDuty's integration key.", {
    pattern: /^/,
    wanted: "a text",
  }).exactOptional(),
  retries: whole("Attempts after the first.", { max: 20 }).default(8),
  events,
}).refine((hook) => (hook.shape === "pagerduty") === (hook.routing_key !== undefined), {
  path: ["routing_key"],
  error: "belongs to shape pagerduty, and is needed there",
});

export const webhooks = z
  .array(webhook, { error: "must be a list" })
  .max(50, atMostOf(50))
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    error: "names two of them alike",
  })
  .default([]);

const clock = (description: string) =>
  text(description, { pattern: /^(?:[01]\d|2[0-3]):[0-5]\d$/, wanted: "a time like 22:00" });

export const alerts = section({
  quiet_hours: section({
    from: clock("When they begin."),
    to: clock("When they end."),
    timezone: text("Whose clock it is.")
      .refine(isTimezone, { error: "must be a name like Europe/Vienna" })
      .default("UTC"),
  })
    .optional()
    .describe("When only what is critical goes out."),
  convergence_threshold: text("Share of the fleet below which it is told.", {
    pattern: /^(?:100|[1-9]?\d)%$/,
    wanted: "a percentage like 90%",
  })
    .transform((written) => Number(written.slice(0, -1)) / 100)
    .optional(),
  retention_days: whole("How long alerts and deliveries are kept.", { min: 1, max: 3650 }).default(
    90,
  ),
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export type Smtp = NonNullable<z.output<typeof smtp>>;
export type Webhook = z.output<typeof webhooks>[number];
