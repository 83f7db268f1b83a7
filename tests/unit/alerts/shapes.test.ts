/**
 * What goes to Slack and PagerDuty, held to what they document: incoming webhooks (a message with `text`; `&`, `<` and `>` are theirs,
 * 40,000 characters), and the Events API v2 (its fields and no others, their lengths, four severities).
 */
import { describe, expect, test } from "bun:test";
import { kinds } from "../../../src/modes/server/alerts/event.ts";
import type { Webhook } from "../../../src/modes/server/alerts/settings.ts";
import { bodyFor } from "../../../src/modes/server/alerts/shapes.ts";
import type { AlertRow } from "../../../src/modes/server/store/store.ts";

const hook = (shape: Webhook["shape"]): Webhook => ({
  name: "a",
  url: "https://a",
  shape,
  retries: 1,
  events: [],
  routing_key: "R".repeat(32),
});

const alerts: readonly AlertRow[] = Object.entries(kinds).flatMap(([kind, severity], id) => {
  const plain: AlertRow = {
    id,
    at: 1_700_000_000_123,
    kind,
    severity,
    subject: "web-1",
    title: "runs fail on web-1",
    detail: { reason: "no space left", count: 3 },
    about: "envoy 0190",
  };
  const huge = "<!channel> & ".repeat(500);
  const worst = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`field_${n}`, huge]));
  return [plain, { ...plain, title: huge, about: huge, detail: worst }];
});

describe("PagerDuty", () => {
  const bodies = alerts.map(
    (alert) => [alert, JSON.parse(bodyFor(hook("pagerduty"), alert))] as const,
  );

  test("gets an event of the Events API v2, within its lengths", () => {
    for (const [{ kind, severity }, body] of bodies) {
      expect(Object.keys(body).sort()).toEqual([
        "dedup_key",
        "event_action",
        "payload",
        "routing_key",
      ]);
      expect(body.routing_key).toHaveLength(32);
      expect(["trigger", "resolve"]).toContain(body.event_action);
      expect(body.dedup_key.length).toBeLessThanOrEqual(255);
      const { payload } = body;
      expect(Object.keys(payload).sort()).toEqual([
        "class",
        "custom_details",
        "severity",
        "source",
        "summary",
        "timestamp",
      ]);
      expect(["critical", "error", "warning", "info"]).toContain(payload.severity);
      expect([payload.severity, payload.class]).toEqual([severity, kind]);
      expect(payload.summary.length).toBeLessThanOrEqual(1024);
      expect([payload.summary.length > 0, payload.source.length > 0]).toEqual([true, true]);
      expect(payload.timestamp).toBe("2023-11-14T22:13:20.123Z");
      expect(JSON.stringify(body).length).toBeLessThan(512 * 1024);
    }
  });

  test("an incident is resolved under the key that it was opened with", () => {
    const about = "envoy 0190";
    const key = (kind: string) =>
      bodies.find(([alert]) => alert.kind === kind && alert.about === about)?.[1];
    for (const began of ["envoy.stale", "run.failed", "run.drift"]) {
      expect(key(began).event_action).toBe("trigger");
      expect(key("envoy.recovered")).toMatchObject({
        event_action: "resolve",
        dedup_key: key(began).dedup_key,
      });
    }
    const ended = bodies.filter(([, { event_action: act }]) => act === "resolve");
    expect(new Set(ended.map(([{ kind }]) => kind))).toEqual(
      new Set(["envoy.recovered", "convergence.recovered"]),
    );
  });
});

describe("Slack", () => {
  test("gets a text in which nothing is its markup, of a length that it takes", () => {
    for (const alert of alerts) {
      const body = JSON.parse(bodyFor(hook("slack"), alert));
      expect(Object.keys(body).sort()).toEqual(["text", "unfurl_links"]);
      expect(body.text.replaceAll(/&(?:amp|lt|gt);/g, "")).not.toMatch(/[&<>]/);
      expect(body.text.length).toBeLessThanOrEqual(40_000);
      expect(body.text).toContain(alert.title.startsWith("<") ? "&lt;!channel&gt;" : alert.title);
    }
  });
});
