/** `vigo cli config publish` */
import { serverStatus } from "../../../../core/api/server.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { asVigoError } from "../../../../core/errors.ts";
import type { Problem } from "../../../../core/problem.ts";
import { type Cli, command } from "../../command.ts";
import { counted, formats, printFindings } from "../../print/problems.ts";
import { painted } from "../../print/text.ts";
import { watched } from "../../progress.ts";
import { type PublishOutcome, publishStacks } from "../../publish.ts";
import { checkStacks, homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: {
    ...stacksFlag,
    message: {
      type: "string",
      description: "Why, for the history.",
      default: "",
      valueHint: "TEXT",
    },
    format: {
      type: "enum",
      description: "How problems are printed.",
      options: formats,
      default: "text",
    },
  },
  examples: ["vigo cli publish --message 'nginx listens on 8080'"],
  run: async ({ stacks, message }, { wanted, screen, call }) => {
    const folder = stacksFolder(stacks, wanted);
    const checked = await watched(screen, `checking ${folder}`, () => checkStacks(folder));
    const { problems, warnings, tree } = checked;
    if (problems.length > 0) return { outcome: "refused" as const, problems, warnings };
    const home = homeOf(wanted);
    const done = await watched(screen, "publishing", () =>
      publishStacks({ home, folder, tree, message }),
    );
    const server = done.outcome === "published" ? await taken(call, done.version) : undefined;
    return { ...done, problems, warnings, ...(server === undefined ? {} : { server }) };
  },
  print: (done, screen, { format }) => {
    const findings = printFindings(screen, done, format);
    if (format !== "text") return findings;
    return [findings, verdict(done, screen)].filter((text) => text !== "").join("\n\n");
  },
  exit: ({ outcome }) => (outcome === "refused" ? 1 : 0),
});

type Done = {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly server?: Taken;
} & (PublishOutcome | { readonly outcome: "refused" });

function verdict(done: Done, screen: Screen): string {
  if (done.outcome === "refused")
    return `${painted(screen, "red", "Nothing was published")}: ${counted(done)}`;
  if (done.outcome === "unchanged") return `Version ${done.version} is live already, and the same.`;
  const published = `${painted(screen, "green", "Published")} version ${done.version}.`;
  return done.server === undefined ? published : `${published} ${inWords[done.server]}`;
}

/** taken: it is in force there · later: the server has not taken it yet · away: it did not answer. */
type Taken = "taken" | "later" | "away";

const inWords: Readonly<Record<Taken, string>> = {
  taken: "The server has it; envoys get it at their next check-in.",
  later: "The server has not taken it yet: `vigo cli doctor` says why, if it stays so.",
  away: "The server does not answer; it takes it when it starts.",
};

/** The server sees by itself that something else is live; this waits for a moment until it does. */
async function taken(call: Cli["call"], version: number): Promise<Taken> {
  try {
    for (let asked = 0; asked < 20; asked++) {
      const { policy_version } = await call(serverStatus, { params: {} });
      if (policy_version >= version) return "taken";
      await Bun.sleep(100);
    }
    return "later";
  } catch (caught) {
    const { failure } = asVigoError(caught);
    if (failure === "internal") throw caught;
    return "away";
  }
}
