import { describe, expect, test } from "bun:test";
import { renderUsage } from "citty";
import { commandFor } from "../../../src/core/command/command.ts";
import { execute, type Program } from "../../../src/core/command/program.ts";
import { screenOf } from "../../../src/core/command/screen.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { recordingScreen } from "../../support/screen.ts";

interface Context {
  readonly where: string;
}
const command = commandFor<Context>();
const loaded: string[] = [];
const load = (name: string, made: ReturnType<typeof command>) => () => {
  loaded.push(name);
  return Promise.resolve({ default: made });
};

const show = command({
  args: {
    id: { type: "positional", description: "Which." },
    loud: { type: "boolean", description: "Shout." },
    flag: { type: "string", description: "What it flies.", default: "" },
  },
  examples: ["fleet ships show ark"],
  run: async ({ id, loud }, { where }) => {
    if (id === "bug") throw new TypeError("undefined is not a ship");
    if (id === "lost") throw new VigoError("missing", `no ship ${id}`, { hint: "ships list" });
    return { id: loud ? id.toUpperCase() : id, where };
  },
  print: ({ id, where }) => `${id} at ${where}`,
  exit: ({ id }) => (id === "sunk" ? 11 : 0),
});
const serve = command({ args: {}, run: async () => undefined });

const program: Program<Context> = {
  name: "fleet",
  summary: "Keeps ships.",
  usage: renderUsage,
  groups: { ships: "All about ships.", "ships crew": "Who sails." },
  shared: {
    sea: { type: "string", description: "Which sea.", default: "north" },
    fast: { type: "boolean", description: "Hurry." },
  },
  commands: {
    "ships show": { summary: "Shows a ship.", load: load("ships show", show) },
    "ships sink": { summary: "Sinks a ship.", load: load("ships sink", show) },
    "ships crew hire": { summary: "Hires.", load: load("ships crew hire", serve) },
    serve: { summary: "Serves.", load: load("serve", serve) },
    show: { summary: "Shows a ship.", load: load("show", show), hidden: true },
  },
  context: ({ sea }) => ({ where: String(sea) }),
};

async function run(line: string) {
  const screen = recordingScreen();
  loaded.length = 0;
  const code = await execute(program, line === "" ? [] : line.split(" "), screen);
  return { code, ...screen.printed() };
}

describe("a program", () => {
  test("prints for people and for programs", async () => {
    expect(await run("ships show ark")).toEqual({ code: 0, out: "ark at north", err: "" });
    expect(JSON.parse((await run("ships show ark --json")).out)).toEqual({
      id: "ark",
      where: "north",
    });
    expect(await run("serve")).toEqual({ code: 0, out: "", err: "" });
  });

  test("takes its own flags before and after the command's name", async () => {
    for (const line of [
      "--sea south ships show ark",
      "--fast --sea=south ships show ark",
      "ships show --sea south ark",
    ])
      expect((await run(line)).out).toBe("ark at south");
  });

  test("a group may stand in a group", async () => {
    expect((await run("ships crew hire")).code).toBe(0);
    expect((await run("ships --help")).out).toMatch(/crew +Who sails[.]/);
    expect((await run("ships crew --help")).out).toMatch(/hire +Hires[.]/);
    expect((await run("ships crew")).code).toBe(2);
  });

  test("another spelling works and is not listed", async () => {
    expect((await run("show ark")).out).toBe("ark at north");
    expect((await run("--help")).out).not.toMatch(/^ +show /m);
  });

  test.each([
    ["", 2, "err"],
    ["--help", 0, "out"],
    ["help", 0, "out"],
    ["ships", 2, "err"],
    ["ships --help", 0, "out"],
    ["ships -h", 0, "out"],
  ] as const)("'%s' is answered with a list, and nothing is loaded", async (line, code, where) => {
    const done = await run(line);
    expect(done.code).toBe(code);
    expect(done[where]).toContain(line.startsWith("ships") ? "Sinks a ship." : "All about ships.");
    expect(done[where]).not.toContain("\u001b");
    expect(loaded).toEqual([]);
  });

  test("usage of a command has its arguments, the program's flags and examples", async () => {
    const { out, code } = await run("ships show --help");
    expect(code).toBe(0);
    for (const part of [
      "fleet ships show",
      "Which.",
      "--loud",
      "--sea",
      "--json",
      "fleet ships show ark",
    ])
      expect(out).toContain(part);
    expect(out).toContain("--flag=<FLAG>");
    expect(out).not.toContain("(Default: )");
    expect((await run("serve --help")).out).not.toContain("--json");
  });

  test.each([
    ["ships shwo ark", 2, 'unknown command "ships shwo", did you mean "ships show"?'],
    ["ships crew hrie", 2, 'unknown command "ships crew hrie", did you mean "ships crew hire"?'],
    ["shisp show", 2, 'unknown command "shisp", did you mean "ships"?'],
    ["constructor", 2, 'unknown command "constructor"'],
    ["ships show", 2, "ID is missing"],
    ["serve --json", 2, 'unknown flag "--json"'],
    ["ships show lost", 4, "hint: ships list"],
    ["ships show bug", 1, "undefined is not a ship"],
  ])("%s → %d", async (line, code, message) => {
    const done = await run(line);
    expect([done.code, done.out]).toEqual([code, ""]);
    expect(done.err).toContain(message);
  });

  test("a result may ask for an exit code of its own", async () => {
    expect(await run("ships show sunk")).toMatchObject({ code: 11, out: "sunk at north" });
  });
});

describe("a screen", () => {
  const terminal = { isTTY: true, write: () => true };
  const pipe = { write: () => true };
  test.each([
    [terminal, {}, true],
    [pipe, {}, false],
    [terminal, { NO_COLOR: "1" }, false],
    [terminal, { NO_COLOR: "" }, true],
    [terminal, { TERM: "dumb" }, false],
  ])("colour %#", (stdout, env, colour) => {
    expect(screenOf({ stdout, stderr: pipe, env }).colour).toBe(colour);
  });
});
