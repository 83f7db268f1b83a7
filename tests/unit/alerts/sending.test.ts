/** Deliveries that are due, sent by who comes first. */
import { expect, test } from "bun:test";
import { Alerts } from "../../../src/modes/server/alerts/alerts.ts";
import type { AlertRow, AlertStore, DeliveryRow } from "../../../src/modes/server/store/store.ts";

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** One delivery that is due, to a place that takes its time. */
function world() {
  const sent: number[] = [];
  const due: Pick<DeliveryRow, "id" | "target" | "attempts" | "nextAt">[] = [
    { id: 7, target: "a", attempts: 0, nextAt: 1 },
  ];
  const settled: string[] = [];
  const store = {
    alerts: {
      due: async () => due.map((one) => [one, { kind: "run.failed" } as AlertRow] as const),
      settle: async (id: number, { state, attempts }: DeliveryRow) => {
        settled.push(`${id} ${state} ${attempts}`);
        due.length = 0;
      },
    } as unknown as AlertStore,
  };
  const alerts = new Alerts({
    store,
    places: () => ({
      smtp: undefined,
      webhooks: [{ name: "a", url: "https://a", shape: "json", retries: 1, events: [] }],
      quietHours: undefined,
    }),
    sendMail: async () => {},
    sendWebhook: async (_, __, id) => {
      await Bun.sleep(5);
      sent.push(id);
    },
    now: () => 2,
    log: quiet,
  });
  return { alerts, sent, settled };
}

test("a test that is asked for while others are being sent sends none of them twice", async () => {
  const { alerts, sent, settled } = world();
  await Promise.all([alerts.work(), alerts.work(), alerts.work()]);
  expect([sent, settled]).toEqual([[7], ["7 sent 1"]]);
});
