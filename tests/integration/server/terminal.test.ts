/** What the CLI draws on a real terminal, of several sizes, as a person finds it afterwards; and that it draws nothing where nobody watches. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { packTree } from "../../../src/core/publish/archive.ts";
import { treeOf } from "../../support/policy.ts";
import { Terminal } from "../../support/terminal.ts";
import { enrolAt, type RealAgent, realAgent, until } from "../agent/real-agent.ts";
import { makeWorld, type World } from "./world.ts";

setDefaultTimeout(60_000);

let w: World;
const agents: RealAgent[] = [];
const steps = Array.from({ length: 7 }, (_, n) => `  - {name: step-${n + 1}, run: 'true'}\n`);

beforeAll(async () => {
  w = await makeWorld("checkin: {interval: 1s, stream: always}\n");
  for (const name of ["web-1", "web-2"]) {
    const agent = await realAgent();
    agents.push(agent);
    await enrolAt(agent, w.running().ports.api, await w.token(), name);
    agent.start();
  }
  const tree = treeOf({
    "envoys.vgo": 'envoys: [{match: "*", roles: [web]}]\n',
    "roles.vgo": "roles: [{role: web, configcrates: [site]}]\n",
    "configcrates/site.vgo": `configcrate: site\nresources: [{type: file, target_path: ${agents[0]?.page}, content: x}]\n`,
    "workflows/long.vgo": `workflow: long\ntarget: web-*\nsteps:\n${steps.join("")}`,
  });
  await w.call("POST", "/config/publish", { tree: packTree(tree), replace: true, unwatched: true });
});
afterAll(async () => {
  for (const agent of agents) await agent.remove();
  await w.stop();
});

const argv = (words: readonly string[]) => [
  ...[process.execPath, "src/main.ts", "cli", ...words],
  ...["--home", w.home.folder],
];

/** `meanwhile` is done while it runs. */
async function atTerminal(
  columns: number,
  rows: number,
  words: readonly string[],
  meanwhile: (terminal: Terminal) => Promise<void> = async () => {},
) {
  const terminal = new Terminal(columns, rows);
  const letters = new TextDecoder();
  const child = Bun.spawn(argv(words), {
    env: { PATH: "/usr/bin:/bin", TERM: "xterm" },
    terminal: {
      cols: columns,
      rows,
      data: (_, bytes) => terminal.write(letters.decode(bytes, { stream: true })),
    },
  });
  await meanwhile(terminal);
  const code = await child.exited;
  return { code, terminal };
}

const times = (text: string, part: string | RegExp) => text.split(part).length - 1;

const sizes = [
  [80, 24],
  [40, 12],
  [25, 6],
] as const;

test.each(sizes)("task run on %d × %d: each line once, the table gone", async (columns, rows) => {
  const line = "echo begin; sleep 1.5; echo end";
  const { code, terminal } = await atTerminal(columns, rows, [
    ...["task", "run", line, "--target", "web-*"],
  ]);
  expect(code).toBe(0);
  // It was there.
  expect(terminal.raw).toContain("\u001b[J");
  if (rows > 6) expect(terminal.raw).toContain("HOSTNAME");
  const lines = terminal.text.split("\n");
  expect(lines.filter((one) => /^web-[12]: (?:begin|end)$/.test(one))).toHaveLength(4);
  expect(times(terminal.text, "HOSTNAME")).toBe(0);
  expect(terminal.text.trimEnd().split("\n").at(-1)).toBe("2 ok");
});

test("task run goes on drawing when the server begins anew in between", async () => {
  const line = "echo begin; sleep 4; echo end";
  const words = ["task", "run", line, "--target", "web-*"];
  const { code, terminal } = await atTerminal(80, 24, words, async (screen) => {
    await until("both have begun", async () =>
      times(screen.text, "begin\n") === 2 && screen.text.includes("HOSTNAME") ? true : undefined,
    );
    await w.restart();
  });
  expect(code).toBe(0);
  const lines = terminal.text.split("\n");
  expect(lines.filter((one) => /^web-[12]: (?:begin|end)$/.test(one))).toHaveLength(4);
  expect(times(terminal.text, "HOSTNAME")).toBe(0);
});

test.each(sizes.slice(0, 2))(
  "workflow run on %d × %d: one whole table is left",
  async (columns, rows) => {
    const { code, terminal } = await atTerminal(columns, rows, ["workflow", "run", "long"]);
    expect(code).toBe(0);
    // More steps than there is room for.
    if (rows < 20) expect(terminal.raw).toMatch(/… \d+ (?:to come|before)/);
    expect(times(terminal.text, "STEP ")).toBe(1);
    for (let n = 1; n <= steps.length; n++)
      expect([n, times(terminal.text, new RegExp(`^1\\.${n} `, "m"))]).toEqual([n, 1]);
    expect(terminal.text).not.toContain("to come");
    expect(terminal.text).toMatch(/^state +done$/m);
  },
);

test("envoys push says how far it is, and takes that away", async () => {
  const words = ["envoys", "push", "web-*"];
  const { code, terminal } = await atTerminal(80, 24, words);
  expect(code).toBe(0);
  expect(terminal.text).toMatch(/\nweb-[12] {2}\w+ \(run \d+\)\n(?:.*\n)*2 of 2 ran\n/);
  expect(terminal.text).not.toContain("to come");
});

test.each(["task run hostname --target web-*", "workflow run long", "envoys push web-*"])(
  "%s: no escape where nobody watches",
  async (line) => {
    const child = Bun.spawn(argv(line.split(" ")), {
      stdout: "pipe",
      stderr: "pipe",
      stdin: "ignore",
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(await child.exited).toBe(0);
    expect(err).not.toBe("");
    expect(out + err).not.toContain("\u001b");
  },
);
