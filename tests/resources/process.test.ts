import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { process as processType } from "../../src/core/resources/process.ts";
import { cases, said } from "../support/cases.ts";
import type { Answer, FakeInit } from "../support/fake-host.ts";

interface Running {
  readonly pid: number;
  readonly comm: string;
  readonly args?: readonly string[];
  readonly state?: string;
  readonly started?: number;
  readonly parent?: number;
}

const stat = ({ pid, comm, state = "S", started = pid, parent = 1 }: Running) =>
  `${pid} (${comm}) ${state} ${parent}${" 0".repeat(17)} ${started} 0 5 0\n`;
const folder = (one: Running): Record<string, string> => ({
  [`/proc/${one.pid}/stat`]: stat(one),
  [`/proc/${one.pid}/cmdline`]: (one.args ?? [one.comm]).map((word) => `${word}\0`).join(""),
});
const agent = { pid: 900, comm: "vigo", args: ["vigo", "agent", "miner"], parent: 1 };
const proc = (...all: readonly Running[]): Record<string, string> => ({
  "/proc/self/stat": stat(agent),
  ...Object.assign({}, ...[agent, ...all].map(folder)),
});
const ends =
  (...pids: readonly number[]): Answer =>
  (files) => {
    for (const pid of pids) {
      files.delete(`/proc/${pid}/stat`);
      files.delete(`/proc/${pid}/cmdline`);
    }
    return "";
  };
/** Whatever the script is, it ends with a signal, a time and processes. */
const given = (files: Record<string, string>, words: string, answer: Answer): FakeInit => ({
  files,
  commands: new Proxy(
    {},
    { get: (_, line) => (`${String(line)}`.endsWith(` end ${words}`) ? answer : undefined) },
  ) as Record<string, Answer>,
});
const killing = (words: string) =>
  expect.stringMatching(new RegExp(`^run sh -c .* end ${words}$`, "s"));
const miner = { pid: 7, comm: "miner" };
const wish = { process: "miner", state: "stopped" };

cases(processType, {
  "ends all of a name": {
    given: given(
      proc(miner, { pid: 8, comm: "miner" }, { pid: 9, comm: "minerva" }),
      "TERM 100 7 8",
      ends(7, 8),
    ),
    wish,
    does: [killing("TERM 100 7 8") as unknown as string],
    says: { count: ["2", "0"] },
  },
  "has nothing to end": { given: { files: proc() }, wish, does: [] },
  "does not count what has ended": {
    given: { files: proc({ ...miner, state: "Z" }) },
    wish,
    does: [],
  },
  "knows a program by its command line, and never means the agent": {
    given: given(
      proc({ pid: 3, comm: "python3", args: ["python3", "miner.py"] }),
      "KILL 5 3",
      ends(3),
    ),
    wish: {
      ...wish,
      match_mode: "pattern",
      process: "miner",
      signal: "KILL",
      kill_timeout: "500ms",
    },
    does: [killing("KILL 5 3") as unknown as string],
  },
  "knows a name longer than the kernel keeps": {
    given: {
      files: proc({ pid: 3, comm: "systemd-network", args: ["/lib/systemd/systemd-networkd"] }),
    },
    wish: { process: "systemd-networkd" },
    does: [],
  },
  "does not take another long name for it": {
    given: {
      files: proc({ pid: 3, comm: "systemd-network", args: ["systemd-network-generator"] }),
    },
    wish: { ...wish, process: "systemd-networkd" },
    does: [],
  },
  "leaves alone what is in a container": {
    given: {
      files: proc(miner),
      nodes: {
        "/proc/self/ns/pid": { kind: "symlink", target: "pid:[1]" },
        "/proc/7/ns/pid": { kind: "symlink", target: "pid:[2]" },
      },
    },
    wish,
    does: [],
  },
  "restarts the unit of what does not run": {
    given: {
      files: proc(),
      commands: {
        "systemctl restart -- miner.service": (files) => {
          for (const [path, text] of Object.entries(folder(miner))) files.set(path, text);
          return "";
        },
      },
    },
    wish: { process: "miner", restart_unit: "miner.service" },
    does: ["run systemctl restart -- miner.service"],
    says: { count: ["0", "at least 1"] },
  },
  "ends the youngest of too many": {
    given: given(
      proc({ ...miner, started: 90 }, { pid: 8, comm: "miner", started: 10 }),
      "TERM 100 7",
      ends(7),
    ),
    wish: { process: "miner", max: 1 },
    does: [killing("TERM 100 7") as unknown as string],
    says: { count: ["2", "1"] },
  },
  "starts nothing by itself": {
    given: { files: proc() },
    wish: { process: "miner", min: 2, max: 4 },
    does: [],
    ends: "failed",
    because: "0 of miner run, and 2 to 4 should (say with restart_unit",
  },
});

test.each([
  [{ process: "(", match_mode: "pattern" }, "process: must be a regular expression"],
  [{ min: 3, max: 2 }, "max: must not be below min"],
  [{ restart_unit: "a.service" }, "restart_unit: would start"],
  [{ signal: "BOOM" }, "signal: must be one of"],
])("refuses %j", (more, message) => {
  const { error } = processType.params.safeParse(said({ ...wish, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});
