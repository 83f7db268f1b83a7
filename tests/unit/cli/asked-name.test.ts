/** Where a name is asked for in a line that is being typed, and of which kind. */
import { expect, test } from "bun:test";
import type { Args } from "../../../src/core/command/args.ts";
import { askedName, places } from "../../../src/modes/cli/asked-name.ts";
import { program } from "../../../src/modes/cli/index.ts";
import { typedLine } from "../../../src/modes/cli/typed-line.ts";

const argsOf = async (name: string): Promise<Args | undefined> => {
  const args = (await program.commands[name]?.load())?.default.args;
  return args && { ...args, ...program.shared };
};
const asked = async (line: string) => {
  const words = typedLine(line);
  const found = words && (await askedName(words, argsOf));
  return found && [found.names, found.begun];
};

const lines: readonly [string, unknown][] = [
  ["vigo cli envoys show ", ["envoy", ""]],
  ["vigocli envoys show we", ["envoy", "we"]],
  ["vigo cli envoys show web-1 ", undefined],
  ["vigo cli task run uptime --target @we", ["who", "@we"]],
  ["vigo cli task run --target=@we", ["who", "@we"]],
  ["vigo cli task run --dry-run --target ", ["who", ""]],
  ["vigo cli task run --task re", ["named task", "re"]],
  ["vigo cli task run --timeout ", undefined],
  ["vigo cli task run 'echo a b' --task ", ["named task", ""]],
  ["vigo cli task run 'echo --task ", undefined],
  ["vigo cli task run --no-follow upt", undefined],
  ["vigo cli task cancel ", ["task that goes on", ""]],
  ["vigo cli task rerun --failed ", ["task that ended", ""]],
  ["vigo cli task show --json ", ["task", ""]],
  ["vigo cli workflow run up", ["workflow", "up"]],
  ["vigo cli workflow approve ", ["run that waits", ""]],
  ["vigo cli envoys tag set @we", ["who", "@we"]],
  ["vigo cli envoys tag set web-1 rack-1 ra", ["tag", "ra"]],
  ["vigo cli envoys push web-1 we", ["who", "we"]],
  ["vigo cli envoys list --tag ra", ["tag", "ra"]],
  ["vigo cli envoys list --status con", [expect.arrayContaining(["converged"]), "con"]],
  ["vigo cli envoys list --", undefined],
  ["vigo cli runs list --envoy ", ["envoy", ""]],
  ["vigo cli config promote site st", ["environment", "st"]],
  ["vigo cli explain restart-", ["declared", "restart-"]],
  ["vigo cli --home /srv/other envoys show we", undefined],
  ["vigo cli envoys show --home /srv/other we", ["envoy", "we"]],
  ["vigo cli nothing of it ", undefined],
  ["vigo cli ", undefined],
  ["", undefined],
];
test.each(lines)("%s", async (line, expected) => {
  expect(await asked(line)).toEqual(expected as undefined);
});

test.each([
  ["a 'b c' d", [["a", "b c"], "d"]],
  [`a "b" `, [["a", "b"], ""]],
  ["a\\ b c", [["a b"], "c"]],
  ["a 'b", undefined],
  ['a "b$(id)" ', [["a", "b$(id)"], ""]],
  ['a "b\\"', undefined],
] as const)("the words of %s", (line, expected) => {
  const words = typedLine(line);
  expect(words && [words.words, words.begun]).toEqual(expected as never);
});

test("each command with such names takes words in these places", async () => {
  for (const [name, kinds] of Object.entries(places)) {
    const args = Object.values((await argsOf(name)) ?? {});
    const words = args.filter(({ type }) => type === "positional");
    expect([name, words.length >= kinds.length && words.length > 0]).toEqual([name, true]);
  }
});
