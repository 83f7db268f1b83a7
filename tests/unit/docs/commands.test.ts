/** The manual is typed as it is written: every command line in it is one that the program takes. */
import { expect, test } from "bun:test";
import { type Program, execute } from "../../../src/core/command/program.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { program as agent } from "../../../src/modes/agent/index.ts";
import { program as cli } from "../../../src/modes/cli/index.ts";
import { program as server } from "../../../src/modes/server/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { commandsIn, type Written } from "./written-commands.ts";

const pages = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "bench/README.md",
  ...[...new Bun.Glob("{docs,examples,packaging}/**/*.{md,service,yml}").scanSync()]
    // Which says it in outline.
    .filter((path) => !path.startsWith("docs/design/"))
    .sort(),
];
const written = (
  await Promise.all(pages.map(async (path) => commandsIn(path, await Bun.file(path).text())))
).flat();

const reached = "as far as this test goes";

/** What the program says to the words, once it has taken them apart; empty when it takes them. */
async function refusal<Context>(program: Program<Context>, words: readonly string[]) {
  const screen = recordingScreen();
  const context = () => {
    throw new VigoError("failed", reached);
  };
  const code = await execute({ ...program, context }, words, screen);
  const said = screen.printed().err;
  return code === 0 || said.includes(reached) ? "" : said;
}

const agentsOwn = ["status", "run", "traits"];

function said({ words: [mode = "", ...rest] }: Written): Promise<string> {
  if (mode === "server") return refusal(server, rest);
  if (mode === "agent") return refusal(agent, rest);
  if (mode === "cli") return refusal(cli, rest);
  if (agentsOwn.includes(mode)) return refusal(agent, [mode, ...rest]);
  return Promise.resolve(["--help", "--version", ""].includes(mode) ? "" : `no mode ${mode}`);
}

test("they are found: lines to type, and those in sentences", () => {
  expect(written.filter(({ whole }) => whole).length).toBeGreaterThan(100);
  expect(written.filter(({ whole }) => !whole).length).toBeGreaterThan(80);
});

test("each is a command with flags that there are", async () => {
  const wrong: string[] = [];
  for (const line of written) {
    const answer = await said(line);
    const spared = !line.whole && / is missing$| needs a value$|USAGE/m.test(answer);
    if (answer !== "" && !spared)
      wrong.push(`${line.place}: vigo ${line.words.join(" ")}: ${answer}`);
  }
  expect(wrong).toEqual([]);
});

test.each([server, agent, cli] as readonly Program<unknown>[])(
  "each command of $name shows how it is typed",
  async ({ commands, name }) => {
    const wrong: string[] = [];
    for (const [words, { load, hidden }] of Object.entries(commands)) {
      const { examples } = (await load()).default;
      const lines = examples.flatMap((line) => commandsIn(words, `\`\`\`\n${line}\n\`\`\``));
      if (lines.length === 0 && hidden !== true) wrong.push(`${name} ${words} has no example`);
      for (const line of lines) {
        const answer = await said(line);
        if (answer !== "") wrong.push(`${line.words.join(" ")}: ${answer}`);
      }
    }
    expect(wrong).toEqual([]);
  },
);
