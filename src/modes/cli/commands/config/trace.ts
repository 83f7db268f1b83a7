/** `vigo cli config trace HOST [CRATE]` */
import files from "node:fs/promises";
import { showEnvoy } from "../../../../core/api/envoys.ts";
import { asVigoError, type Failure, VigoError } from "../../../../core/errors.ts";
import type { Policy } from "../../../../core/policy/policy.ts";
import { trace } from "../../../../core/policy/trace.ts";
import { readLive } from "../../../../core/publish/live.ts";
import type { Call } from "../../client.ts";
import { type Cli, command } from "../../command.ts";
import { soundPolicyIn } from "../../live-policy.ts";
import { counted, printFindings } from "../../print/problems.ts";
import { printTrace } from "../../print/trace.ts";
import { watched } from "../../progress.ts";
import { checkStacks, homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: {
    host: { type: "positional", description: "Hostname, as enrolled; it need not exist." },
    crate: { type: "positional", description: "Only this configcrate.", required: false },
    ...stacksFlag,
    live: { type: "boolean", description: "What is published, not the stacks." },
  },
  examples: ["vigo cli config trace web-1.example.com", "vigo cli config trace web-1 nginx --live"],
  run: async ({ host, crate, stacks, live }, cli) => {
    const policy = await (live ? livePolicy(cli) : stacksPolicy(stacks, cli));
    const known = await reported(host, cli.call);
    const subject = known ?? { id: nobody, hostname: host, traits: {} };
    const traced = trace(policy, subject, crate === undefined ? {} : { crate });
    return { ...traced, source: live ? "live" : "stacks", traits_known: known !== undefined };
  },
  print: (traced, screen) => printTrace(screen, traced),
});

const nobody = "00000000-0000-0000-0000-000000000000";

async function stacksPolicy(stacks: string | undefined, { wanted, screen }: Cli): Promise<Policy> {
  const checked = await checkStacks(screen, stacksFolder(stacks, wanted), homeOf(wanted));
  if (checked.policy !== undefined) return checked.policy;
  screen.err(printFindings(screen, { ...checked, warnings: [] }, "text"));
  throw new VigoError("failed", `the stacks cannot be traced: ${counted(checked)}`, {
    hint: "mend them, or trace what is published with --live",
  });
}

async function livePolicy({ wanted, screen }: Cli): Promise<Policy> {
  const live = await readLive(files, homeOf(wanted));
  if (live === undefined)
    throw new VigoError("missing", "nothing was published yet", { hint: "vigo cli publish" });
  return watched(screen, "reading what is live", (progress) => soundPolicyIn(live.tree, progress));
}

/** Where nobody can be asked, or nobody knows the host, it is traced as one that has reported nothing. */
const silent: readonly Failure[] = [
  "unavailable",
  "missing",
  "invalid",
  "denied",
  "unauthenticated",
];

async function reported(host: string, call: Call) {
  try {
    const { id, hostname, traits } = await call(showEnvoy, { params: { id: host } });
    return { id, hostname, traits };
  } catch (caught) {
    const error = asVigoError(caught);
    if (silent.includes(error.failure)) return undefined;
    throw error;
  }
}
