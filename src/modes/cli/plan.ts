/**
 * What publishing stacks would change: asked of the server, which knows the fleet, or worked out here for what is known without
 * it. Must not know how it is told.
 */
import files, { readFile } from "node:fs/promises";
import { z } from "zod";
import { type AnsweredPlan, planConfig } from "../../core/api/publish.ts";
import { sampleHosts } from "../../core/bundle/sample-hosts.ts";
import { type Args, misused } from "../../core/command/args.ts";
import { VigoError } from "../../core/errors.ts";
import type { Subject } from "../../core/policy/model.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { planOf } from "../../core/plan/planning.ts";
import { packTree } from "../../core/publish/archive.ts";
import { soundLive } from "../../core/publish/live.ts";
import type { Cli } from "./command.ts";
import { soundPolicyIn } from "./live-policy.ts";
import { type Progress, sending } from "./progress.ts";
import { callOf, whyAway } from "./remote.ts";
import { type Checked, homeOf, registries } from "./stacks.ts";
import { askedUrls } from "./url-gate.ts";

export const planFlags = {
  for: { type: "string", description: "Plan for this envoy only.", valueHint: "HOST" },
  as: {
    type: "string",
    description: "Plan for a machine that need not exist; FILE has its traits as JSON.",
    valueHint: "hostname=NAME,traits=FILE",
  },
} as const satisfies Args;

export interface Wish {
  readonly for?: string | undefined;
  readonly as?: string | undefined;
  /** Addresses in it must answer; asked by the server, which knows its envoys, or from here while it is down. */
  readonly askUrls?: boolean;
}

export interface Planned extends Pick<AnsweredPlan, "against" | "plan" | "over"> {
  readonly problems: AnsweredPlan["problems"];
  readonly warnings: AnsweredPlan["warnings"];
  /** fleet: every enrolled envoy · host, machine: the one asked for · samples: one made-up host for each hostcrate. */
  readonly basis: "fleet" | "host" | "machine" | "samples";
  /** Why the server could not be asked; then nobody knows which envoys there are, nor their traits. */
  readonly away?: string;
}

export async function planStacks(
  cli: Cli,
  checked: Checked,
  wish: Wish,
  progress: Pick<Progress, "at">,
): Promise<Planned> {
  if (wish.for !== undefined && wish.as !== undefined)
    throw misused("--for and --as do not go together");
  const as = wish.as === undefined ? undefined : await machine(wish.as);
  const away = await whyAway(cli);
  if (away !== undefined) {
    const known = wish.askUrls === true ? await askedUrls(checked, cli, progress) : checked;
    return { ...(await planHere(cli, known, { host: wish.for, as }, progress)), away };
  }
  const body = {
    tree: packTree(checked.tree),
    ...(wish.for === undefined ? {} : { host: wish.for }),
    ...(as === undefined ? {} : { as: { hostname: as.hostname, traits: as.traits } }),
    ask_urls: wish.askUrls === true,
  };
  const answer = await callOf(cli)(planConfig, { params: {}, body }, sending(progress));
  const basis = as !== undefined ? "machine" : wish.for !== undefined ? "host" : "fleet";
  return { ...answer, basis };
}

async function planHere(
  cli: Cli,
  { policy, problems, warnings }: Checked,
  { host, as }: { readonly host: string | undefined; readonly as: Machine | undefined },
  progress: Pick<Progress, "at">,
): Promise<Planned> {
  if (policy === undefined) throw new Error("a plan of stacks that are not good");
  if (problems.length > 0) return { problems, warnings, over: [], basis: "samples" };
  const { live, damage } = await soundLive(files, homeOf(cli.wanted));
  if (damage !== undefined) cli.screen.err(`${damage}: the plan compares with nothing`);
  const before = live && (await soundPolicyIn(live.tree, progress));
  const subject = as ?? (host === undefined ? undefined : stranger(host));
  const subjects = subject === undefined ? samples(policy) : [subject];
  const plan = planOf(before, policy, subjects, registries);
  const basis = as !== undefined ? "machine" : host !== undefined ? "host" : "samples";
  const against = live === undefined ? {} : { against: live.manifest.version };
  return { problems, warnings, plan, over: [], basis, ...against };
}

const stranger = (hostname: string): Subject => ({
  id: "00000000-0000-0000-0000-000000000000",
  hostname: hostname.toLowerCase(),
  traits: {},
});

/** One for each name. */
const samples = (policy: Policy): readonly Subject[] => [
  ...new Map(sampleHosts(policy).map((host) => [host.hostname, host])).values(),
];

interface Machine extends Subject {
  readonly traits: z.output<typeof sections>;
}

const sections = z.record(z.string(), z.json());
const shown = z.union([z.object({ traits: sections }).transform(({ traits }) => traits), sections]);

/** `hostname=web-9,traits=web.json`; the file as `vigo cli envoys show --json` or `vigo agent traits --json` print it. */
async function machine(written: string): Promise<Machine> {
  const pairs = new Map(
    written.split(",").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)] as const;
    }),
  );
  const hostname = pairs.get("hostname") ?? "";
  const strange = [...pairs.keys()].find((key) => key !== "hostname" && key !== "traits");
  if (hostname === "" || strange !== undefined)
    throw misused(`--as must be hostname=NAME or hostname=NAME,traits=FILE, not "${written}"`);
  const file = pairs.get("traits");
  return { ...stranger(hostname), traits: file === undefined ? {} : await traitsIn(file) };
}

async function traitsIn(file: string): Promise<Machine["traits"]> {
  try {
    return shown.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? "it is no map of trait sections" : String(cause);
    throw new VigoError("invalid", `cannot read traits from ${file}: ${why}`, {
      hint: "vigo cli envoys show HOST --json prints them",
      cause,
    });
  }
}
