/** Which act in the audit log is which alert; and that every alert there is can be raised by something. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { toldOfAct } from "../../../src/modes/server/alerts/acts.ts";
import { type Kind, kinds } from "../../../src/modes/server/alerts/event.ts";
import type { AuditRow } from "../../../src/modes/server/store/store.ts";

const act = (action: string, detail: AuditRow["detail"]): AuditRow => ({
  id: 1,
  at: 1,
  actor: "dana",
  action,
  subject: "s",
  detail,
  requestId: undefined,
  hash: "",
});

const rows: readonly [action: string, detail: AuditRow["detail"], kind: Kind | undefined][] = [
  ["envoy.enrol", { hostname: "web-1" }, "envoy.enrolled"],
  ["enroll.wait", { hostname: "web-1" }, "envoy.waiting"],
  ["envoy.revoke", { hostname: "web-1" }, "envoy.revoked"],
  ["config.publish", {}, "publish.published"],
  ["config.widen", {}, "publish.widened"],
  ["config.rollout_done", {}, "publish.finished"],
  ["config.rollback", {}, "publish.rolled_back"],
  ["config.freeze", {}, "publish.frozen"],
  ["config.unfreeze", {}, "publish.unfrozen"],
  ["task.run", {}, "task.started"],
  ["task.rerun", {}, "task.started"],
  ["task.end", { state: "done", command: "id", ok: 3 }, "task.done"],
  ["task.end", { state: "done", command: "id", ok: 3, failed: 1 }, "task.failed"],
  ["task.end", { state: "stopped", command: "id", failed: 1 }, "task.stopped"],
  ["task.end", { state: "cancelled", command: "id" }, "task.cancelled"],
  ["task.run", { workflow: "up", step: "1.1" }, undefined],
  ["task.end", { state: "done", command: "id", workflow: "up", failed: 1 }, undefined],
  ["task.end", { state: "done", command: "id", check_of: "t1", failed: 1 }, undefined],
  ["workflow.run", { workflow: "up" }, "workflow.started"],
  ["workflow.wait", { workflow: "up" }, "workflow.waiting"],
  ["workflow.fail", { workflow: "up" }, "workflow.failed"],
  ["workflow.abort", { workflow: "up" }, "workflow.aborted"],
  ["workflow.end", { workflow: "up", state: "done" }, "workflow.done"],
  ["workflow.end", { workflow: "up", state: "failed" }, undefined],
  ["bundle_key.replace", {}, "security.bundle_key_replaced"],
  ["bundle_key.rotate", {}, "security.bundle_key_replaced"],
  ["user.login", {}, undefined],
  ["secret.get", {}, undefined],
];
test.each(rows)("%s %j is %s", (action, detail, kind) => {
  const told = toldOfAct(act(action, detail));
  expect(told?.kind).toBe(kind as Kind);
  if (told !== undefined)
    expect([told.title.length > 5, told.detail["by"]]).toEqual([true, "dana"]);
});

async function sources(): Promise<string> {
  const folder = join(import.meta.dir, "../../../src/modes/server");
  const texts: string[] = [];
  for await (const path of new Glob("**/*.ts").scan(folder))
    if (!path.startsWith("alerts/acts") && !path.startsWith("alerts/event"))
      texts.push(await Bun.file(join(folder, path)).text());
  return texts.join("\n");
}

test("each of these acts is one that the server writes down", async () => {
  const all = await sources();
  for (const [action] of rows)
    expect([action, all.includes(`"${action}"`)]).toEqual([action, true]);
});

test("every kind is raised by an act, or by what the server sees itself", async () => {
  const all = await sources();
  const byActs = new Set(rows.map(([, , kind]) => kind));
  const seen = (kind: string) =>
    all.includes(`"${kind}"`) || all.includes(`\`${kind.split(".")[0]}.\${`);
  const never = Object.keys(kinds).filter((kind) => !byActs.has(kind as Kind) && !seen(kind));
  expect(never).toEqual([]);
});
