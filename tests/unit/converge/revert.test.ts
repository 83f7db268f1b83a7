/** `revert: true` over many runs: what was first found is put back once, also when the power goes at any moment. */
import { expect, test } from "bun:test";
import type { BodyResource } from "../../../src/core/bundle/body.ts";
import { runBody } from "../../../src/core/converge/run.ts";
import type { Host } from "../../../src/core/host.ts";
import { exec } from "../../../src/core/resources/exec.ts";
import { file } from "../../../src/core/resources/file.ts";
import { hostname } from "../../../src/core/resources/hostname.ts";
import { timezone } from "../../../src/core/resources/timezone.ts";
import { type Act, type FakeInit, fakeHost } from "../../support/fake-host.ts";
import { memoryRecords, memoryReversals } from "../../support/memory-records.ts";

/** A machine that lives through many runs, and what its agent remembers. */
function life(init: FakeInit) {
  const { records } = memoryRecords();
  const { reversals, kept } = memoryReversals();
  const { host, files, log } = fakeHost(init);
  const run = async (resource: Partial<BodyResource>, { dryRun = false, on = host } = {}) => {
    log.length = 0;
    const whole = { key: "a/it", type: "hostname", params: {}, ...resource };
    const report = await runBody(
      { format: 1, secrets: [], resources: [whole] },
      {
        types: [exec, file, hostname, timezone],
        traitTypes: [],
        host: on,
        envoy: { id: "e", hostname: "h" },
        policyVersion: 1,
        records,
        reversals,
        protectedPaths: [],
        dryRun,
        trait: async () => undefined,
        pause: async () => true,
      },
    );
    const [one] = report.resources;
    return { outcome: one?.outcome, changes: one?.changes ?? [], reason: one?.reason };
  };
  return { run, kept, files, log, host };
}

const kernel = "/proc/sys/kernel/hostname";
const naming = (name: string): Record<string, Act> => ({
  [`hostname ${name}`]: (files) => {
    files.set(kernel, `${name}\n`);
    return "";
  },
});
const named = () =>
  life({
    files: { "/etc/hostname": "old\n", [kernel]: "old\n" },
    commands: { ...naming("old"), ...naming("web1"), ...naming("web2"), ...naming("mine") },
  });
const wish = (name: string, revert?: true): Partial<BodyResource> => ({
  params: { hostname: name },
  ...(revert && { revert }),
});

test("the first value found is put back, once", async () => {
  const { run, files, kept, log } = named();
  expect((await run(wish("web1"))).outcome).toBe("changed");
  expect((await run(wish("web2"))).outcome).toBe("changed");
  expect(kept.get("a/it")).toEqual({ former: { hostname: "old" } });

  const back = await run(wish("web2", true));
  expect(back.outcome).toBe("changed");
  expect(back.changes.map(({ from, to, cause }) => [from, to, cause])).toEqual([
    ["web2", "old", "intent"],
    ["web2", "old", "intent"],
  ]);
  expect(files.get("/etc/hostname")).toBe("old\n");

  files.set("/etc/hostname", "mine\n");
  expect((await run(wish("web2", true))).outcome).toBe("ok");
  expect([files.get("/etc/hostname"), log]).toEqual(["mine\n", []]);
});

test("enforced again it keeps what it finds then", async () => {
  const { run, files, kept } = named();
  await run(wish("web1"));
  await run(wish("web1", true));
  files.set("/etc/hostname", "mine\n");
  const again = await run(wish("web1"));
  expect(again.changes.map(({ cause }) => cause)).toEqual(["intent", "intent"]);
  expect(kept.get("a/it")).toEqual({ former: { hostname: "mine" } });
  await run(wish("web1", true));
  expect(files.get("/etc/hostname")).toBe("mine\n");
});

test("what was never changed is not put back", async () => {
  const { run, kept, log } = named();
  expect((await run(wish("old"))).outcome).toBe("ok");
  expect((await run(wish("old", true))).outcome).toBe("ok");
  expect((await run(wish("web1", true))).outcome).toBe("ok");
  expect([kept.size, log]).toEqual([0, []]);
});

test("a dry run says what would be put back, and keeps nothing", async () => {
  const { run, kept, log } = named();
  expect((await run(wish("web1"), { dryRun: true })).outcome).toBe("pending");
  expect(kept.size).toBe(0);
  await run(wish("web1"));
  const before = structuredClone(kept.get("a/it"));
  expect((await run(wish("web1", true), { dryRun: true })).outcome).toBe("pending");
  expect([kept.get("a/it"), log]).toEqual([before, []]);
});

const zones = "/usr/share/zoneinfo/";
const zoned = (resource: Partial<BodyResource>) => ({ type: "timezone", ...resource });
const vienna = { timezone: "Europe/Vienna" };

test("a zone is put back; a machine without a link had UTC", async () => {
  const { run, files } = life({
    files: { [`${zones}Europe/Vienna`]: "TZif", [`${zones}UTC`]: "TZif" },
  });
  expect((await run(zoned({ params: vienna }))).outcome).toBe("changed");
  expect((await run(zoned({ params: vienna, revert: true }))).outcome).toBe("changed");
  expect(files.get("/etc/timezone")).toBe("UTC\n");
  expect((await run(zoned({ params: vienna, revert: true }))).outcome).toBe("ok");
});

test("a copied zone has no name to put back, and says so", async () => {
  const { run } = life({
    files: { [`${zones}Europe/Vienna`]: "TZif", "/etc/localtime": "TZif" },
  });
  expect((await run(zoned({ params: vienna }))).outcome).toBe("changed");
  expect(await run(zoned({ params: vienna, revert: true }))).toMatchObject({
    outcome: "failed",
    reason:
      "what was there before could not be kept, so nothing puts it back (say the value it shall have, and take `revert` away)",
  });
});

const made: Act = (files) => {
  files.set("/srv/db/VERSION", "15");
  return "";
};
const unmade: Act = (files) => {
  files.delete("/srv/db/VERSION");
  return "";
};
const command = ["initdb", "/srv/db"];
const undo = ["dropdb", "/srv/db"];
const executed = (more: Partial<BodyResource>) => ({ type: "exec", ...more });
const guarded = { command, creates: "/srv/db/VERSION", on_revert: undo };

test("a command is undone once, and then it is let be", async () => {
  const { run, log, files } = life({
    commands: { "initdb /srv/db": made, "dropdb /srv/db": unmade },
  });
  const back = executed({ params: guarded, revert: true });
  expect((await run(back)).outcome).toBe("ok");
  await run(executed({ params: guarded }));
  expect(await run(back)).toMatchObject({
    outcome: "changed",
    changes: [{ field: "command", from: "done", to: "not done" }],
  });
  expect(log).toEqual(["run dropdb /srv/db"]);
  files.set("/srv/db/VERSION", "by hand");
  expect((await run(back)).outcome).toBe("ok");
  expect(log).toEqual([]);
  const edited = { ...guarded, on_revert: ["dropdb", "/srv/db"], nice: 5 };
  expect((await run(executed({ params: edited, revert: true }))).outcome).toBe("failed");
  await run(executed({ params: guarded }));
  expect((await run(back)).outcome).toBe("changed");
});

test("an action is undone by its exit code, notified or not", async () => {
  const { run, log } = life({ commands: { "dropdb /srv/db": "" } });
  const back = executed({ params: { command, refresh_only: true, on_revert: undo }, revert: true });
  expect((await run(back)).outcome).toBe("changed");
  expect(log).toEqual(["run dropdb /srv/db"]);
  expect((await run(back)).outcome).toBe("ok");
  expect(log).toEqual([]);
});

test("a command that cannot undo has failed, and is tried again", async () => {
  const { run, log } = life({
    files: { "/srv/db/VERSION": "15" },
    commands: { "dropdb /srv/db": { code: 1, stdout: "", stderr: "in use" } },
  });
  const back = executed({ params: guarded, revert: true });
  for (const _ of [1, 2]) {
    expect(await run(back)).toMatchObject({ outcome: "failed", reason: "exit 1: in use" });
    expect(log).toEqual(["run dropdb /srv/db"]);
  }
});

test("an agent that does not know how says so", async () => {
  const { run } = life({});
  const params = { target_path: "/x", content: "x" };
  expect(await run({ type: "file", params, revert: true })).toMatchObject({
    outcome: "blocked",
    reason: "this agent cannot revert file: update the agent",
  });
});

/** The host whose power goes before its n-th act. */
function losing(host: Host, after: number): Host {
  let left = after;
  const moment = async () => {
    if (left-- <= 0) throw new Error("power cut");
  };
  return {
    ...host,
    write: async (...given) => {
      await moment();
      return host.write(...given);
    },
    run: async (...given) => {
      await moment();
      return host.run(...given);
    },
  };
}

test.each([0, 1, 2])("cut before act %i of the way there and of the way back", async (after) => {
  const { run, files, host } = named();
  await run(wish("web1"), { on: losing(host, after) });
  await run(wish("web1"));
  expect([files.get("/etc/hostname"), files.get(kernel)]).toEqual(["web1\n", "web1\n"]);
  await run(wish("web1", true), { on: losing(host, after) });
  await run(wish("web1", true));
  expect([files.get("/etc/hostname"), files.get(kernel)]).toEqual(["old\n", "old\n"]);
  files.set("/etc/hostname", "mine\n");
  await run(wish("web1", true));
  expect(files.get("/etc/hostname")).toBe("mine\n");
});
