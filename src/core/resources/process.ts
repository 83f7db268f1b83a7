/**
 * The `process` type: how many processes of a name run. Must not start programs by itself: a unit does, when one is named. Those in
 * containers do not count.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, duration, parameters, text, whole } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { isPattern } from "../text/region.ts";
import { end, matching } from "../tools/signal.ts";
import { systemctl } from "../tools/systemctl.ts";

const signals = ["TERM", "INT", "HUP", "QUIT", "KILL", "USR1", "USR2", "STOP", "CONT"] as const;

const params = () =>
  parameters({
    process: text(
      "Name of the program, or with `match_mode: pattern` what its command line matches.",
      {
        pattern: /^[^\0\n]{1,500}$/,
        wanted: "a name, or a pattern",
      },
    ),
    state: choice("Running: as many as `min` and `max` say. Stopped: none.", [
      "running",
      "stopped",
    ]).default("running"),
    match_mode: choice(
      "Exact compares the program's name; pattern looks for a regular expression in the command line.",
      ["exact", "pattern"],
    ).default("exact"),
    min: whole("How many run at least.", { min: 1, max: 10_000 }).default(1),
    max: whole("How many run at most; of more than that the youngest are ended.", {
      min: 1,
      max: 10_000,
    }).exactOptional(),
    signal: choice("What those are told that are to end.", signals).default("TERM"),
    restart_unit: text("The unit of systemd that is restarted when too few or too many run.", {
      pattern: /^[A-Za-z0-9:_.\\@-]{1,240}$/,
      wanted: "the name of a unit",
    }).exactOptional(),
    kill_timeout: duration("How long after the signal those that still run are killed.").default(
      10_000,
    ),
  })
    .refine((p) => p.match_mode === "exact" || isPattern(p.process), {
      path: ["process"],
      message: "must be a regular expression with match_mode: pattern",
    })
    .refine((p) => p.max === undefined || p.max >= p.min, {
      path: ["max"],
      message: "must not be below min",
    })
    .refine((p) => p.state === "running" || p.restart_unit === undefined, {
      path: ["restart_unit"],
      message: "would start what is to be stopped: stop the unit with type service",
    });

type Params = z.output<ReturnType<typeof params>>;

export const process = defineResource<Params>({
  name: "process",
  summary: "Keeps how many processes of a program run.",
  platforms: ["linux"],
  params,
  main: "process",
  lane: "systemd",
  claims: (p) => [{ id: `process:${p.process}` }],
  after: (p) => {
    const unit = p.restart_unit;
    return unit === undefined ? [] : [`service:${unit.replace(/\.service$/, "")}`, `unit:${unit}`];
  },

  async check(p, host) {
    const count = (await found(p, host)).length;
    return isRight(p, count) ? [] : differing("count", `${count}`, wanted(p));
  },

  async apply(p, host) {
    const all = await found(p, host);
    const how = { signal: p.signal, timeoutMs: p.kill_timeout };
    const pids = all.map(({ pid }) => pid);
    if (p.state === "stopped") return await end(host, pids, how);
    if (p.restart_unit !== undefined) return await restart(p, p.restart_unit, host);
    if (p.max !== undefined && all.length > p.max) return await end(host, pids.slice(p.max), how);
    throw new VigoError("failed", `${all.length} of ${p.process} run, and ${wanted(p)} should`, {
      hint: "say with restart_unit how to start it, or keep its service with type service",
    });
  },

  examples: [
    {
      title: "A daemon that must run",
      params: { process: "collector", restart_unit: "collector.service" },
    },
    { title: "Nobody mines here", params: { process: "xmrig", state: "stopped", signal: "KILL" } },
    {
      title: "Two workers, found by their command line",
      params: {
        process: "^/usr/bin/python3 .*worker\\.py",
        match_mode: "pattern",
        min: 2,
        max: 2,
        restart_unit: "workers.service",
      },
    },
  ],
});

const found = (p: Params, host: ReadHost) =>
  matching(
    host,
    p.match_mode === "exact" ? { name: p.process } : { pattern: new RegExp(p.process) },
  );

const isRight = (p: Params, count: number) =>
  p.state === "stopped" ? count === 0 : count >= p.min && count <= (p.max ?? Infinity);

function wanted(p: Params): string {
  if (p.state === "stopped") return "0";
  if (p.max === undefined) return `at least ${p.min}`;
  return p.max === p.min ? `${p.min}` : `${p.min} to ${p.max}`;
}

/** A unit counts as started before its processes have their names. */
const patience = 50;

async function restart(p: Params, unit: string, host: Host): Promise<void> {
  if (host.os.init !== "systemd")
    throw new VigoError("failed", `restart_unit is not for ${host.os.distro}: it has no systemd`);
  await systemctl(host, "restart", unit);
  for (let tries = 0; tries < patience; tries += 1) {
    if (isRight(p, (await found(p, host)).length)) return;
    await host.query({ argv: ["sleep", "0.1"] });
  }
}
