/** What goes on at the server is followed to its end, whatever happens to the connection: with real sockets that are cut, or say nothing. */
import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { followPush, type PushEvent } from "../../../src/core/api/push.ts";
import { followTask } from "../../../src/core/api/tasks.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { following } from "../../../src/modes/cli/events.ts";
import { patiently } from "../../../src/modes/cli/patiently.ts";
import { watchPush } from "../../../src/modes/cli/push-watch.ts";
import { recordingScreen } from "../../support/screen.ts";

interface Asked {
  readonly wait?: string;
  readonly after?: Record<string, number>;
}
type Answer = (body: Asked, to: ServerResponse) => unknown;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const say = (to: ServerResponse, event: object) => to.write(`data: ${JSON.stringify(event)}\n\n`);

/** Each request gets the next answer, over a real connection; what was asked is kept. */
async function serving(...answers: readonly Answer[]) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = answers[asked.length];
    asked.push(body === "" ? {} : (JSON.parse(body) as Asked));
    if (answer === undefined) response.writeHead(502).end("gone");
    else answer(asked.at(-1) ?? {}, response);
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Quick, and slow enough for a machine that has other things to do. */
const quick = { answerMs: 1_000, beatMs: 1_000 };
const fault = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (error: unknown) => {
      if (!(error instanceof VigoError)) throw error;
      return `${error.failure}: ${error.message}`;
    },
  );
const id = "019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55";

describe("a stream of events", () => {
  const all = async (url: string) => {
    const heard: unknown[] = [];
    const events = following({ url }, quick)(followTask, { params: { id } });
    const how = await fault(
      (async () => {
        for await (const event of events) heard.push(event.kind);
      })(),
    );
    return [heard, how.replace(url, "SERVER")];
  };
  const output = {
    ...{ kind: "output", envoy_id: "e", hostname: "web-1", offset: 0 },
    ...{ stream: "out", text: "x" },
  };

  test("that says nothing any more is broken, though nobody closed it", async () => {
    const { url } = await serving((_, to) => say(to, output));
    expect(await all(url)).toEqual([
      ["output"],
      "unavailable: cannot reach SERVER: the connection broke",
    ]);
  });

  test("is whole while its server says that it is there", async () => {
    const { url } = await serving(async (_, to) => {
      for (let beat = 0; beat < 45; beat++) {
        to.write(":\n\n");
        await Bun.sleep(30);
      }
      say(to, output);
      to.end();
    });
    expect(await all(url)).toEqual([["output"], "none"]);
  });

  test("that never begins is given up", async () => {
    const { url } = await serving(() => {});
    const [heard, how] = await all(url);
    expect([heard, how]).toEqual([
      [],
      expect.stringMatching(/^unavailable: cannot reach SERVER: /),
    ]);
  });
});

describe("patience", () => {
  const trouble = new VigoError("unavailable", "cannot reach it");
  const follow = async (
    script: readonly ("event" | "end" | "trouble" | number)[][],
    { mostMs = 300, begun = true } = {},
  ) => {
    const screen = recordingScreen();
    let opened = 0;
    const open = async function* () {
      for (const step of script[Math.min(opened++, script.length - 1)] ?? []) {
        if (step === "trouble") throw trouble;
        else if (typeof step === "number") await Bun.sleep(step);
        else yield { kind: step };
      }
    };
    const kinds: string[] = [];
    const how = await fault(
      (async () => {
        const events = patiently(
          screen,
          { what: "task", open, hasBegun: () => begun },
          { mostMs, pauseMs: 5 },
        );
        for await (const { kind } of events) kinds.push(kind);
      })(),
    );
    return { kinds, how, err: screen.printed().err, opened };
  };

  test("begins with the trouble, not with the last thing that happened", async () => {
    const done = await follow([["event", 400, "trouble"], ["trouble"], ["event", "end"]]);
    expect([done.kinds, done.how]).toEqual([["event", "event", "end"], "none"]);
  });

  test("tells of the trouble once, and of the next one again", async () => {
    const away = ["trouble"] as const;
    const done = await follow([
      ["event", ...away],
      [...away],
      [...away],
      ["event", ...away],
      ["end"],
    ]);
    expect(done.err.split("\n").filter((line) => line !== "")).toEqual([
      "cannot reach it; the task goes on, trying again for a minute",
      "cannot reach it; the task goes on, trying again for a minute",
    ]);
  });

  test("goes on where the server ended the answer in good order", async () => {
    expect((await follow([["event"], ["event", "end"]])).kinds).toEqual(["event", "event", "end"]);
  });

  test("ends when the server stays away, and is none before anything has begun", async () => {
    const gone = await follow([["event", "trouble"], ["trouble"]], { mostMs: 60 });
    expect([gone.how, gone.opened > 3]).toEqual(["unavailable: cannot reach it", true]);
    const never = await follow([["trouble"]], { begun: false });
    expect([never.how, never.opened, never.err]).toEqual(["unavailable: cannot reach it", 1, ""]);
  });
});

describe("a push", () => {
  const begin = { kind: "begin", asked: 3, told: 3, after: { a: 7, b: 1, c: 0 } };
  const ran = (envoy_id: string, run: number, outcome = "ok") => ({
    ...{ kind: "ran", envoy_id, hostname: `web-${envoy_id}`, run, outcome },
  });
  const watch = async (url: string, json = true) => {
    const screen = recordingScreen();
    const wish = { targets: ["web-*"], wait: "10m" };
    const code = await watchPush({ follow: following({ url }), screen }, wish, json).catch(
      (error: unknown) => (error as VigoError).failure,
    );
    return { code, out: screen.printed().out, err: screen.printed().err };
  };

  test("is gone on with where its connection broke: nobody is told of twice, or pushed again who has run", async () => {
    const { url, asked } = await serving(
      (_, to) => {
        say(to, begin);
        say(to, ran("a", 8));
        // Once what was said is through.
        setTimeout(() => to.destroy(), 50);
      },
      ({ after = {} }, to) => {
        say(to, { kind: "begin", asked: 2, told: 1, after });
        say(to, ran("b", 2, "failed"));
        say(to, { kind: "missing", envoy_id: "c", hostname: "web-c", reason: "it is offline" });
        say(to, { kind: "end", asked: 2, ran: 1, failed: 1, passed_over: 0, missing: 1 });
        to.end();
      },
    );
    const { code, out, err } = await watch(url);
    const events = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as PushEvent);
    expect([code, events]).toEqual([
      1,
      [
        begin,
        ran("a", 8),
        ran("b", 2, "failed"),
        { kind: "missing", envoy_id: "c", hostname: "web-c", reason: "it is offline" },
        { kind: "end", asked: 3, ran: 2, failed: 1, passed_over: 0, missing: 1 },
      ] as PushEvent[],
    ]);
    expect(err).toContain("; the push goes on, trying again for a minute");
    const [first, second] = asked;
    expect([first?.wait, first?.after]).toEqual(["10m", undefined]);
    expect([second?.wait, second?.after]).toEqual([
      expect.stringMatching(/^(10m|9m\d+s)$/),
      { b: 1, c: 0 },
    ]);
  });

  test("that nobody has begun is not gone on with", async () => {
    const { url, asked } = await serving();
    expect(await watch(url)).toMatchObject({ code: "unavailable", out: "" });
    expect(asked).toHaveLength(1);
  });

  test("counts who was forgotten meanwhile as missing", async () => {
    const { url } = await serving(
      (_, to) => {
        say(to, begin);
        to.end();
      },
      ({ after = {} }, to) => {
        say(to, { kind: "begin", asked: 2, told: 2, after });
        say(to, ran("a", 8));
        say(to, ran("b", 2));
        say(to, { kind: "end", asked: 2, ran: 2, failed: 0, passed_over: 0, missing: 0 });
        to.end();
      },
    );
    const { code, err } = await watch(url, false);
    expect([code, err.trim().split("\n").at(-1)]).toEqual([1, "2 of 3 ran, of 1 no run is known"]);
  });

  test("takes as many machines as there are", () => {
    const after = Object.fromEntries(
      Array.from({ length: 50_000 }, () => [Bun.randomUUIDv7(), 1_000_000]),
    );
    expect(JSON.stringify({ after }).length).toBeLessThan(followPush.bodyLimit ?? 0);
  });
});
