/**
 * An alert as others want to read it: Vigo's JSON, Slack's incoming webhooks, PagerDuty's Events API v2, a mail. What comes from a
 * machine (hostnames, reasons) is data here, never markup. Must not know how it is sent.
 */
import type { AlertRow } from "../store/store.ts";
import type { Webhook } from "./settings.ts";

export const jsonShape = (alert: AlertRow) => ({
  id: alert.id,
  kind: alert.kind,
  severity: alert.severity,
  at: new Date(alert.at).toISOString(),
  subject: alert.subject,
  title: alert.title,
  detail: alert.detail,
  about: alert.about,
});

/** Slack takes `&`, `<` and `>` for its own. */
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const signs: Readonly<Record<string, string>> = { info: "·", warning: "!", critical: "!!" };

/** It takes 40,000 characters, and each may be five once it is escaped. */
const mostForSlack = 8_000;

const slackShape = (alert: AlertRow) => {
  const text = `${signs[alert.severity] ?? ""} ${alert.title}\n${lines(alert).join("\n")}`;
  return { text: escaped(text.slice(0, mostForSlack)), unfurl_links: false };
};

const ends = (kind: string) => kind.endsWith(".recovered");

const pagerdutyShape = (alert: AlertRow, key: string) => ({
  routing_key: key,
  event_action: ends(alert.kind) ? "resolve" : "trigger",
  dedup_key: `vigo ${alert.about}`.slice(0, 255),
  payload: {
    summary: alert.title.slice(0, 1024),
    source: alert.subject,
    severity: alert.severity,
    timestamp: new Date(alert.at).toISOString(),
    class: alert.kind,
    custom_details: alert.detail,
  },
});

export function bodyFor({ shape, routing_key: key = "" }: Webhook, alert: AlertRow): string {
  if (shape === "slack") return JSON.stringify(slackShape(alert));
  return JSON.stringify(shape === "pagerduty" ? pagerdutyShape(alert, key) : jsonShape(alert));
}

const lines = ({ detail }: AlertRow): readonly string[] =>
  Object.entries(detail as Readonly<Record<string, unknown>>).map(
    ([name, value]) => `${name}: ${oneLine(String(value))}`,
  );

const oneLine = (text: string) =>
  text.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, " ").slice(0, 2000);

export const mailFor = (alert: AlertRow, server: string) => ({
  subject: oneLine(`[vigo ${alert.severity}] ${alert.title}`).slice(0, 200),
  text: [
    oneLine(alert.title),
    "",
    ...lines(alert),
    "",
    `${alert.kind} · ${new Date(alert.at).toISOString()} · ${server}`,
    `vigo cli alerts list`,
    "",
  ].join("\n"),
});
