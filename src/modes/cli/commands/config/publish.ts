/** `vigo cli config publish` */
import { hostname } from "node:os";
import { chooseCohort } from "../../../../core/api/publish.ts";
import { serverStatus, type WorkName } from "../../../../core/api/server.ts";
import { misused } from "../../../../core/command/args.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { asVigoError } from "../../../../core/errors.ts";
import { hasBudget, type PublishSettings } from "../../../../core/publish/settings.ts";
import { unsetIn } from "../../../../core/plan/unset.ts";
import type { Problem } from "../../../../core/problem.ts";
import { type Cli, command } from "../../command.ts";
import { planStacks, type Planned } from "../../plan.ts";
import { printOver, printPlan } from "../../print/plan.ts";
import { counted, formats, printFindings } from "../../print/problems.ts";
import { painted } from "../../print/text.ts";
import { watched } from "../../progress.ts";
import { type PublishOutcome, publishStacks } from "../../publish.ts";
import { publishSettingsOf } from "../../publish-settings.ts";
import { callOf, folderOf, isElsewhere } from "../../remote.ts";
import { type Checked, checkStacks, homeOf, stacksFlag } from "../../stacks.ts";
import { type Staging, stagingFlags, stagingOf } from "../../staging.ts";
import { uploadStacks } from "../../upload.ts";
import { watchedThere } from "../../watched-there.ts";

export default command({
  args: {
    ...stacksFlag,
    message: {
      type: "string",
      description: "Why, for the history.",
      default: "",
      valueHint: "TEXT",
    },
    "dry-run": { type: "boolean", description: "Only tell what would change, on every envoy." },
    yes: { type: "boolean", description: "Publish although the change budget is exceeded." },
    replace: { type: "boolean", description: "Publish over what these stacks were not made from." },
    force: { type: "boolean", description: "Publish in a freeze; needs --reason." },
    reason: { type: "string", description: "Why it cannot wait.", valueHint: "TEXT" },
    "skip-url-checks": {
      type: "boolean",
      description: "Do not ask whether addresses in it answer, as in a closed network.",
    },
    ...stagingFlags,
    format: {
      type: "enum",
      description: "How problems are printed.",
      options: formats,
      default: "text",
    },
  },
  examples: [
    "vigo cli publish --message 'nginx listens on 8080'",
    "vigo cli publish --dry-run",
    "vigo cli publish --canary 5% --then 25% --hold 15m --gate 'failed<1%'",
    'vigo cli publish --server https://vigo.example.org --stacks . --message "$SUBJECT"',
  ],
  run: async ({ stacks, "dry-run": dry, ...flags }, cli) => {
    const { message, yes, replace } = flags;
    const skipUrls = flags["skip-url-checks"];
    const about = { message, yes, replace, force: reasonOf(flags), skipUrls };
    const wish = { ...about, staging: await stagingOf(flags, (where) => chosenBy(cli, where)) };
    const folder = folderOf(stacks, cli);
    const checked = await checkStacks(cli.screen, folder, homeOf(cli.wanted));
    const { problems, warnings } = checked;
    if (problems.length > 0) return { outcome: "refused" as const, problems, warnings };
    if (!dry && isElsewhere(cli)) return publishThere(cli, checked, wish);
    const planned = await watchedThere(watching(cli, "plan"), "planning", (progress) =>
      planStacks(cli, checked, { askUrls: !skipUrls }, progress),
    );
    if (planned.problems.length > 0) return { outcome: "refused" as const, ...findingsOf(planned) };
    if (!dry) return publishHere(cli, checked, planned, wish);
    const unset = planned.plan === undefined ? [] : unsetIn(planned.plan);
    return { outcome: "planned" as const, ...planned, problems: unset };
  },
  print: (done: Done, screen, { format }) => {
    const findings = printFindings(screen, done, format);
    if (format !== "text") return findings;
    return [findings, verdict(done, screen)].filter((text) => text !== "").join("\n\n");
  },
  exit: (done) => {
    if (done.outcome === "planned") return done.problems.length + done.over.length > 0 ? 1 : 0;
    return done.outcome === "refused" || done.outcome === "over_budget" ? 1 : 0;
  },
});

const watching = (cli: Cli, what: WorkName) => ({ screen: cli.screen, call: callOf(cli), what });

interface Wish {
  readonly message: string;
  readonly yes: boolean;
  readonly replace: boolean;
  readonly force: string | undefined;
  readonly staging: Staging;
  readonly skipUrls: boolean;
}

/** Only the server knows what envoys have reported. */
async function chosenBy(cli: Cli, where: string) {
  const { envoys, of, undecided } = await callOf(cli)(chooseCohort, {
    params: {},
    body: { where },
  });
  if (undecided > 0)
    cli.screen.err(`${undecided} of ${of} envoys have not reported what --cohort reads`);
  return { where, envoys, of };
}

interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

type Done = Findings &
  (
    | (PublishOutcome & { readonly server?: Taken; readonly percent?: number })
    | { readonly outcome: "refused" }
    | { readonly outcome: "over_budget"; readonly over: readonly string[] }
    | ({ readonly outcome: "planned" } & Planned)
  );

function reasonOf({
  force,
  reason,
}: {
  readonly force: boolean;
  readonly reason?: string | undefined;
}) {
  const given = reason?.trim() ?? "";
  if (force && given === "") throw misused("--force needs --reason TEXT");
  if (!force && given !== "")
    throw misused("--reason goes with --force; --message is for the history");
  return force ? given : undefined;
}

async function publishThere(
  cli: Cli,
  checked: Checked,
  { staging, skipUrls, ...wish }: Wish,
): Promise<Done> {
  const source = `${hostname()}:${checked.folder}`.slice(0, 500);
  const done = await watchedThere(watching(cli, "publish"), "publishing", (progress) =>
    uploadStacks(
      cli.call,
      checked,
      { ...wish, ...staging, source, skip_url_checks: skipUrls },
      progress,
    ),
  );
  const { outcome, over, problems, warnings, version = 0, digest = "" } = done;
  const findings = { problems, warnings };
  if (outcome === "over_budget") return { outcome, over, ...findings };
  if (outcome === "refused") return { outcome, ...findings };
  if (outcome === "unchanged") return { outcome, version, ...findings };
  return { outcome, version, digest, server: "taken", ...staged(staging), ...findings };
}

const findingsOf = ({ problems, warnings }: Findings): Findings => ({ problems, warnings });

async function publishHere(
  cli: Cli,
  { folder, tree }: Checked,
  planned: Planned,
  wish: Wish,
): Promise<Done> {
  const { problems, warnings } = planned;
  const home = homeOf(cli.wanted);
  const settings = await publishSettingsOf(cli);
  const unset = planned.away !== undefined || !planned.plan ? [] : unsetIn(planned.plan);
  if (unset.length > 0) return { outcome: "refused", problems: unset, warnings };
  const over = wish.yes ? [] : overBudget(planned, settings);
  if (over.length > 0) return { outcome: "over_budget", over, problems, warnings };
  const { message, replace, force, staging } = wish;
  const done = await watched(cli.screen, "publishing", () =>
    publishStacks({ home, folder, tree, message, replace, force, staging, keep: settings.keep }),
  );
  const server = done.outcome === "published" ? await taken(cli.callHome, done.version) : undefined;
  const more = server === undefined ? {} : { server, ...staged(staging) };
  return { ...done, problems, warnings, ...more };
}

const staged = ({ rollout }: Staging) =>
  rollout === undefined ? {} : { percent: rollout.stages[0] ?? 100 };

/** Nobody can tell without the server which envoys would change, so a budget then asks for a yes. */
function overBudget({ over, away }: Planned, settings: PublishSettings): readonly string[] {
  if (!hasBudget(settings)) return [];
  if (away === undefined) return over;
  return [`the server cannot be asked what would change (${away}), and a budget is set`];
}

function verdict(done: Done, screen: Screen): string {
  const nothing = painted(screen, "red", "Nothing was published");
  switch (done.outcome) {
    case "refused":
      return `${nothing}: ${counted(done)}`;
    case "over_budget":
      return `${printOver(screen, done.over)}\n\n${nothing}. \`--dry-run\` shows the whole plan; --yes publishes it.`;
    case "planned":
      return `${printPlan(screen, done)}\n\nNothing was published: this was a dry run.`;
    case "unchanged":
      return `Version ${done.version} is live already, and the same.`;
    case "published": {
      const to = done.percent === undefined ? "" : ` to ${done.percent}% of the fleet`;
      const published = `${painted(screen, "green", "Published")} version ${done.version}${to}.`;
      const taken = done.server === undefined ? published : `${published} ${inWords[done.server]}`;
      return done.percent === undefined
        ? taken
        : `${taken} \`vigo cli config status\` tells how it does.`;
    }
  }
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
