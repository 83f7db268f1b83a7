/**
 * Tasks on several real machines: at once, batch by batch with a look at each batch, and whatever dies meanwhile. The tests build on
 * one another, in order. With `VIGO_TEST_ALL=1` there are ten machines.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { eventually, Lab, noLab } from "./lab.ts";
import { builtVigo, installServer, Operator } from "./vigo.ts";

const isWhole = process.env["VIGO_TEST_ALL"] === "1";
const machines = isWhole ? 10 : 3;
const names = Array.from({ length: machines }, (_, at) => `web-${String(at + 1).padStart(2, "0")}`);

const stacks = {
  "envoys.vgo": 'envoys:\n  - { match: "*", configcrates: [nothing] }\n',
  "configcrates/nothing.vgo":
    "configcrate: nothing\nresources:\n  - { name: mark, type: file, target_path: /etc/mark, content: x }\n",
  "tasks/say.vgo": `task: say
params:
  what: { type: string, pattern: "[a-z $();]+" }
command: [sh, -c, 'printf "%s|" "$VIGO_PARAM_WHAT"; cat']
`,
};

interface Ended {
  readonly state: string;
  readonly reason?: string;
  readonly created_at: string;
  readonly ended_at?: string;
  readonly targets: readonly {
    readonly hostname: string;
    readonly state: string;
    readonly reason?: string;
    readonly output: readonly { readonly text: string }[];
  }[];
}

describe.skipIf(noLab() !== undefined)(`tasks on ${machines} machines`, () => {
  let lab: Lab;
  let server: LabHost;
  let webs: readonly LabHost[];

  const vigo = (...words: readonly string[]) =>
    server.run(["vigo", "cli", "task", ...words], { user: "vigo" });
  const shown = async (id: string): Promise<Ended> => {
    const { stdout } = await vigo("show", id, "--json");
    return JSON.parse(stdout) as Ended;
  };
  /** Orders it, waits for its end, and tells how that was. */
  const ran = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await vigo("run", ...words);
    const [, id = ""] = /task (\S+) on \d+/.exec(stderr) ?? [];
    if (id === "") throw new Error(`no task was begun: ${stderr}`);
    return { id, code, lines: stdout.trim().split("\n").sort(), task: await shown(id) };
  };
  const begun = async (...words: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await vigo("run", ...words, "--no-follow", "--json");
    if (stdout === "") throw new Error(`no task was begun: ${stderr}`);
    return (JSON.parse(stdout) as { id: string }).id;
  };
  const states = (task: Ended) =>
    Object.fromEntries(task.targets.map(({ hostname, state }) => [hostname, state]));
  const all = (state: string) => Object.fromEntries(names.map((name) => [name, state]));

  const each = (path: string) => Promise.all(webs.map((host) => host.get(path)));

  /** Newest first, health checks left out. */
  const listed = async () => {
    const { stdout } = await vigo("list", "--json");
    const { tasks } = JSON.parse(stdout) as { tasks: { id: string; check_of?: string }[] };
    return tasks.filter((each) => each.check_of === undefined).map(({ id }) => id);
  };

  beforeAll(async () => {
    lab = new Lab();
    const hosts = await lab.boot(["server", ...names], { vigo: builtVigo() });
    [server] = hosts as [LabHost];
    webs = hosts.slice(1);
    await installServer(server, "checkin: { interval: 1s }\ntuning: { flush_interval: 1s }\n");
    const operator = new Operator(server);
    await operator.ready();
    await operator.write(stacks);
    await operator.publish();
    const token = await operator.token(machines);
    const join = ["agent", "bootstrap", "--server", `${server.address}:8443`, "--token", token];
    await Promise.all(webs.map((host) => host.ok(["/opt/vigo/vigo", ...join])));
    await eventually("all are there", 60_000, async () => {
      const told = await server.run(["vigo", "cli", "envoys", "list", "--json"], { user: "vigo" });
      const { envoys } = JSON.parse(told.stdout) as { envoys: { last_seen_at?: string }[] };
      return envoys.filter((envoy) => envoy.last_seen_at !== undefined).length === machines
        ? true
        : undefined;
    });
  }, 600_000);
  afterAll(() => lab?.end());

  test("a command runs once on each, and each says so", async () => {
    const { code, lines, task } = await ran("hostname; echo x >>/tmp/once", "--target", "web-*");
    expect([code, lines]).toEqual([0, names.map((name) => `${name}: ${name}`)]);
    expect(states(task)).toEqual(all("ok"));
    expect(await each("/tmp/once")).toEqual(webs.map(() => "x\n"));
  }, 60_000);

  test("a trivial command, while streams are open: how long it takes", async () => {
    const took: string[] = [];
    const line = "vigo cli task run true --target 'web-*' >/dev/null 2>&1";
    const timed = `a=$(date +%s%3N); ${line}; code=$?; b=$(date +%s%3N); echo $((b-a)); exit $code`;
    for (let round = 0; round < (isWhole ? 10 : 2); round++) {
      const whole = (await server.ok(["sh", "-c", timed], { user: "vigo" })).trim();
      const task = await shown((await listed())[0] ?? "");
      expect(states(task)).toEqual(all("ok"));
      const within = Date.parse(task.ended_at ?? "") - Date.parse(task.created_at);
      took.push(`${within} (with the CLI ${whole})`);
    }
    console.log(`a task on ${machines} machines, in ms: ${took.join(", ")}`);
  }, 60_000);

  test("a named task gets its value as it is, and none reaches a shell", async () => {
    const { lines } = await ran(
      "--task",
      "say",
      "--param",
      "what=a $(id); b",
      "--target",
      "web-01",
    );
    expect(lines).toEqual(['a $(id); b|{"what":"a $(id); b"}']);
  }, 30_000);

  test("a question is answered with what the machines' own tools say, now", async () => {
    const asked = async (...words: readonly string[]) => {
      const { code, stdout } = await server.run(["vigo", "cli", "query", ...words, "--csv"], {
        user: "vigo",
      });
      const [, ...rows] = stdout
        .trim()
        .split("\r\n")
        .flatMap((row) => row.split("\n"));
      return { code, rows: rows.sort() };
    };
    const rack = (host: LabHost, number: number) => {
      const script = `#!/bin/sh\necho '{"rack": ${number}}'\n`;
      return host.put("/etc/vigo-envoy/traits.d/place", script, 0o755);
    };
    await Promise.all(webs.map((host, at) => rack(host, at + 1)));
    const paths = "network.hostname, os.kernel, memory.total_mb, custom.place.rack";
    const told = await Promise.all(
      webs.map(async (host, at) => {
        const script = `echo "$(hostname),$(uname -r),$(awk '/^MemTotal/ {print int($2/1024)}' /proc/meminfo)"`;
        const line = (await host.ok(["sh", "-c", script])).trim();
        return `${host.name},${line},${at + 1}`;
      }),
    );
    expect(await asked(paths, "--target", "web-*")).toEqual({ code: 0, rows: told.sort() });
    await Promise.all(webs.map((host) => rack(host, 7)));
    const where = `where traits.custom.place.rack == 7 select count(), min(memory.total_mb) group by custom.place.rack`;
    const { rows } = await asked(where, "--target", "web-*");
    expect(rows).toEqual([expect.stringMatching(new RegExp(`^7,${machines},\\d+$`))]);
  }, 60_000);

  test("batch by batch, and a batch that is not well is the last", async () => {
    await webs[1]?.put("/etc/broken", "");
    const look = ["--health-check", "! test -e /etc/broken"];
    const { code, task } = await ran("true", "--target", "web-*", "--batch-size", "1", ...look);
    expect(code).toBe(1);
    expect(task).toMatchObject({
      state: "stopped",
      reason: "the health check after batch 2: it is failed on web-02",
    });
    expect(states(task)).toEqual({ ...all("cancelled"), "web-01": "ok", "web-02": "ok" });
    await webs[1]?.ok(["rm", "/etc/broken"]);
    const again = await vigo("rerun", /\S+/.exec((await listed())[0] ?? "")?.[0] ?? "", "--failed");
    expect(again.code).toBe(0);
  }, 60_000);

  // The unit waits five seconds before it starts again.
  test.skipIf(!isWhole)(
    "an agent that is killed leaves nothing running, tells so, and does not begin again",
    async () => {
      const [host] = webs as [LabHost];
      const line = "echo x >>/tmp/killed; echo said; sleep 321.5";
      const id = await begun(line, "--target", host.name);
      await eventually("it runs", 20_000, async () =>
        (await host.exists("/tmp/killed")) &&
        (await host.run(["pgrep", "-f", "sleep 321.5"])).code === 0
          ? true
          : undefined,
      );
      await host.ok(["systemctl", "kill", "--signal=KILL", "--kill-whom=main", "vigo-agent"]);
      const task = await eventually("it has ended", 60_000, async () => {
        const now = await shown(id);
        return now.ended_at === undefined ? undefined : now;
      });
      const [target] = task.targets;
      expect(target).toMatchObject({ state: "interrupted", output: [{ text: "said\n" }] });
      expect(target?.reason).toMatch(/did not start it again; \w+ /);
      expect((await host.run(["pgrep", "-xf", "sleep 321.5"])).code).toBe(1);
      expect(await host.get("/tmp/killed")).toBe("x\n");
    },
    120_000,
  );

  test("who is away does not hold the others up, and begins when it is back", async () => {
    const [host] = webs as [LabHost];
    host.cut();
    await eventually("it is missed", 60_000, async () => {
      const told = await server.run(["vigo", "cli", "envoys", "show", host.name], { user: "vigo" });
      return told.stdout.includes("offline") ? true : undefined;
    });
    const id = await begun("echo x >>/tmp/late", "--target", "web-*", "--batch-size", "1");
    await eventually("the others have ended", 30_000, async () => {
      const ended = (await shown(id)).targets.filter(({ state }) => state === "ok").length;
      return ended === machines - 1 ? true : undefined;
    });
    host.mend();
    const task = await eventually("it has ended", 90_000, async () => {
      const now = await shown(id);
      return now.ended_at === undefined ? undefined : now;
    });
    expect(states(task)).toEqual(all("ok"));
    expect(await each("/tmp/late")).toEqual(webs.map(() => "x\n"));
  }, 180_000);
});
