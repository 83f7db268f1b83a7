/** `vigo cli complete LINE`: what the completion scripts ask where the words are not theirs to know. Never fails, and says nothing else. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Args } from "../../../core/command/args.ts";
import { VigoError } from "../../../core/errors.ts";
import { type Asked, askedName } from "../asked-name.ts";
import { client } from "../client.ts";
import { type Cli, command } from "../command.ts";
import { findServer } from "../connection.ts";
import { connectionFlags } from "../flags.ts";
import { knownNames } from "../known-names.ts";
import { typedLine } from "../typed-line.ts";

/** Somebody has pressed a key and waits. */
const patienceMs = 1_500;

export default command({
  args: { line: { type: "positional", description: "What is typed, up to the cursor." } },
  examples: ["vigo cli complete 'vigo cli envoys show we'"],
  run: async ({ line }, cli) => {
    const late = sleep(patienceMs, [], { ref: false });
    return Promise.race([completed(line, cli), late]);
  },
  print: (names) => names.join("\n"),
});

async function completed(line: string, cli: Cli): Promise<readonly string[]> {
  const words = typedLine(line);
  const asked = words && (await askedName(words, (name) => argsOf(cli, name)));
  if (asked === undefined) return [];
  const { names, begun, before } = asked;
  const all = typeof names === "string" ? await ofServer(names, asked, cli) : names;
  return all.filter((name) => name.startsWith(begun)).map((name) => `${before}${name}`);
}

const argsOf = async ({ load }: Cli, name: string): Promise<Args | undefined> => {
  const args = (await load(name))?.args;
  return args && { ...args, ...connectionFlags };
};

/** Who may not see them, or reaches nobody, is offered none. */
async function ofServer(
  kind: Parameters<typeof knownNames>[0],
  { begun, flags }: Asked,
  { wanted, env }: Cli,
): Promise<readonly string[]> {
  try {
    const { server = wanted.server, token = wanted.token, home = wanted.home } = flags;
    const caFile = flags["ca-file"] ?? wanted.caFile;
    const call = client(await findServer({ server, token, home, caFile }, env));
    return await knownNames(kind, begun, call);
  } catch (error) {
    if (error instanceof VigoError) return [];
    throw error;
  }
}
