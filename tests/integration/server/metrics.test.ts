import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { makeWorld } from "./world.ts";

const promtool = Bun.which("promtool");
const rules = "packaging/prometheus/vigo.rules.yml";
const dashboard = "packaging/grafana/vigo.json";

/** What `/metrics` says of a server with an envoy that has gone from no data to offline. */
async function scraped(): Promise<string> {
  const w = await makeWorld("metrics: {per_envoy: true}\ncheckin: {offline_threshold: 5s}\n");
  try {
    const odd = await w.enrol(await w.token(), "web-1");
    expect(odd.status).toBe(200);
    const deadline = Date.now() + 20_000;
    for (;;) {
      const page = await (await w.fetch("/metrics")).text();
      if (page.includes('vigo_envoy_state_transitions_total{to="offline"} 1')) return page;
      if (Date.now() > deadline) throw new Error(page);
      await Bun.sleep(100);
    }
  } finally {
    await w.stop();
  }
}

const named = (text: string) => new Set(text.match(/\b(?:vigo|process)_[a-z_]+/g));

test("every metric that is promised is there, promtool finds nothing, and no rule or panel asks for another", async () => {
  const page = await scraped();
  const families = new Set([...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name));
  const promised = named(await readFile("docs/design/server.md", "utf8"));
  promised.delete("process_metrics");
  // Only while an envoy is active.
  families.add("vigo_convergence_ratio");
  for (const name of promised) if (name.startsWith("vigo_")) expect(families).toContain(name);
  const known = [...families].flatMap((name) => [name, `${name}_bucket`, `${name}_count`]);
  for (const file of [rules, dashboard]) {
    const asked = named(await readFile(file, "utf8"));
    expect(asked.size).toBeGreaterThan(4);
    for (const name of asked) expect(known).toContain(name);
  }
  if (promtool === null) return;
  const checked = Bun.spawnSync([promtool, "check", "metrics"], { stdin: Buffer.from(page) });
  expect([checked.exitCode, `${checked.stdout}${checked.stderr}`]).toEqual([0, ""]);
});

test.skipIf(promtool === null)("promtool takes the alert rules", () => {
  const { exitCode, stderr } = Bun.spawnSync(["promtool", "check", "rules", rules]);
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
});
