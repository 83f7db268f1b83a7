/** A whole server whose clock leaps ahead and back: who waits for what, what is refused, and that all of it goes on by itself. */
import { expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { VigoError } from "../../../src/core/errors.ts";
import type { Link } from "../../../src/modes/agent/link.ts";
import type { Home } from "../../../src/modes/server/home.ts";
import { callChild, freePorts, inHome, startMisledChild } from "./child.ts";
import { joined } from "./joined.ts";
import { toldRun } from "./join.ts";

const day = 86_400_000;

test(
  "a clock that leaps costs nothing but the time that it is wrong",
  () =>
    inHome(async (home) => {
      await mkdir(dirname(home.config), { recursive: true });
      await writeFile(home.config, `${freePorts}checkin: {interval: 1s}\n`);
      const offset = join(home.folder, "offset");
      await writeFile(offset, "0");
      const child = startMisledChild(home, offset);
      const leap = async (ms: number, word: string) => {
        const before = child.log().split(word).length;
        await writeFile(offset, String(ms));
        const deadline = Date.now() + 20_000;
        while (child.log().split(word).length === before && Date.now() < deadline)
          await Bun.sleep(20);
        expect(child.log().split(word).length).toBe(before + 1);
      };
      try {
        const { api } = await child.ready;
        const link = await joined(home, api, "leaping");
        const number = { last: 0 };
        await works(home, api, link, number);
        const order = { command: "true", targets: ["leaping"], expires: "1h" };
        const started = (await callChild(home, api, "POST", "/tasks", order)).body["task"];
        const { id: task } = started as { readonly id: string };
        const left = async () => {
          const { state, expires_at } = (await callChild(home, api, "GET", `/tasks/${task}`)).body;
          const now = Date.now() + Number(await readFile(offset, "utf8"));
          return [state, Math.round((Date.parse(String(expires_at)) - now) / 600_000)];
        };
        expect(await left()).toEqual(["running", 6]);

        await leap(400 * day, "the clock has jumped");
        await waits(home, api, link);
        expect(await left()).toEqual(["running", 6]);
        const alerts = (await callChild(home, api, "GET", "/alerts")).body["alerts"];
        expect((alerts as { kind: string }[]).map(({ kind }) => kind)).not.toContain("envoy.stale");
        await leap(0, "the clock is back where it was");
        await works(home, api, link, number);

        await leap(-2 * day, "the clock has jumped");
        await waits(home, api, link);
        expect(await left()).toEqual(["running", 6]);
        const { body } = await callChild(home, api, "GET", "/doctor");
        expect(body["checks"]).toContainEqual(
          expect.objectContaining({ name: "clock", result: "fail" }),
        );
        await leap(0, "the clock is back where it was");
        await works(home, api, link, number);
        expect(await left()).toEqual(["running", 6]);
        link.close();
        child.kill("SIGTERM");
        expect(await child.exited).toBe(0);
        expect(errorsIn(child.log())).toEqual(Array(2).fill("the clock has jumped"));
      } finally {
        child.kill("SIGKILL");
        await child.exited;
      }
    }),
  90_000,
);

/** What went wrong in the eyes of the server. */
const errorsIn = (log: string) =>
  log
    .split("\n")
    .filter((line) => line.includes('"level":"error"'))
    .map((line) => String(JSON.parse(line).event));

const hello = { hostname: "leaping", machineId: "m1", bootId: "b1", agentVersion: "1.0.0" };

/** Everything that it had is there, and one more. */
async function works(home: Home, api: number, link: Link, number: { last: number }) {
  await link.checkIn(hello);
  const next = ++number.last;
  await link.reportRuns({
    reports: [toldRun(next, Date.now(), [{ key: "web/motd", cause: "intent" }])],
  });
  const runs = (await callChild(home, api, "GET", "/runs")).body["runs"];
  const numbers = (runs as { number: number }[]).map((run) => run.number).sort();
  expect(numbers).toEqual(Array.from({ length: next }, (_, at) => at + 1));
  const envoys = (await callChild(home, api, "GET", "/envoys")).body["envoys"];
  expect(envoys).toMatchObject([{ hostname: "leaping", status: "changed" }]);
  expect((await callChild(home, api, "GET", "/audit/verify")).body).toMatchObject({ holds: true });
}

/** Agents are told why; people are served, as many as ask. */
async function waits(home: Home, api: number, link: Link): Promise<void> {
  const refused = await link.checkIn(hello).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(VigoError);
  expect(String(refused)).toContain("the clocks of agent and server differ too much");
  for (let at = 0; at < 30; at++)
    for (const path of ["/tokens", "/ca"])
      expect([path, (await callChild(home, api, "GET", path)).status]).toEqual([path, 200]);
}
