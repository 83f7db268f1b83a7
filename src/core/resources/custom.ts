/**
 * The `custom` type: a program of the operator's that looks and acts. It is asked with `dry_run: true` what it would do, told to
 * do it, and asked again. Must not know what the program manages.
 */
import type { z } from "zod";
import type { CommandResult, ReadHost } from "../host.ts";
import { choice, duration, nested, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { plainValue } from "../text/key-path.ts";
import { executorAnswer, executorCommand, executorsFolder } from "../tools/executor.ts";

const params = () =>
  parameters({
    executor: text("Name of the program, a file in `/etc/vigo-envoy/executors`.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
      wanted: "the name of a file: letters, digits, _ . -",
    }),
    params: nested(
      "What it is given, a map. `executors/NAME.schema.json` in the stacks says what is allowed.",
    )
      .default({})
      .refine((given) => typeof given === "object" && given !== null && !Array.isArray(given), {
        error: "must be a map",
      }),
    value_type: choice(
      "Auto hands over texts that read as numbers, true, false or null as such; text leaves each a text.",
      ["auto", "text"],
    ).default("auto"),
    timeout: duration("How long each question may take; then it is stopped.").default(300_000),
  });

type Params = z.output<ReturnType<typeof params>>;

export const custom = defineResource<Params>({
  name: "custom",
  summary: "Keeps what a program of your own knows about.",
  platforms: ["linux", "darwin"],
  params,
  main: "executor",
  claims: () => [],
  after: (p) => [`file:${executorsFolder}/${p.executor}`],

  async check(p, host) {
    if (await comesLater(p, host)) return differing("state", undefined, unknown);
    const command = await executorCommand(host, p.executor, question(p, true), p.timeout);
    return changesIn(await host.query(command));
  },

  async apply(p, host) {
    const command = await executorCommand(host, p.executor, question(p, false), p.timeout);
    executorAnswer(await host.run(command));
  },

  examples: [
    {
      title: "A licence, kept by a program called `licence`",
      params: { executor: "licence", params: { product: "cad", seats: "12" } },
    },
    {
      title: "Texts that look like numbers stay texts",
      params: {
        executor: "asset-tag",
        params: { tag: "0042" },
        value_type: "text",
        timeout: 30,
      },
    },
  ],
});

const unknown = "what its executor says once it is there";

/** In a dry run the file resource that puts it there has not done so. */
async function comesLater({ executor }: Params, host: ReadHost): Promise<boolean> {
  const path = `${executorsFolder}/${executor}`;
  return host.owned(`file:${path}`) && (await host.stat(path)) === undefined;
}

const question = (p: Params, dry: boolean) => ({
  params: p.value_type === "text" ? p.params : plainValue(p.params),
  dry_run: dry,
});

function changesIn(result: CommandResult): readonly Change[] {
  const { changed, action, changes } = executorAnswer(result);
  if (!changed) return [];
  if (changes.length > 0) return changes.map((change) => ({ ...change, cause: "intent" }));
  return differing("state", undefined, action ?? "changed");
}
