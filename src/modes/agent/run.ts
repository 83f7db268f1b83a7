/**
 * `vigo agent run`: one check-in, one convergence, one report; through the daemon when one runs. Must not know how words are read.
 */
import type { RunReport } from "../../core/converge/report.ts";
import { VigoError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { AgentContext } from "./command.ts";
import { askDaemon } from "./control.ts";
import { paths } from "./home.ts";
import { Member, type RunWish } from "./member.ts";
import { takeLock } from "./run-lock.ts";

export interface RunOptions extends RunWish {
  readonly offline: boolean;
}

export async function runOnce(context: AgentContext, options: RunOptions): Promise<RunReport> {
  const { dryRun = false, offline, filter = { only: [], skip: [] }, onResource } = options;
  const asked = { dry_run: dryRun, offline, only: [...filter.only], skip: [...filter.skip] };
  const { control } = paths(context.home);
  const answered = await askDaemon(control, asked, onResource, (trouble) =>
    sayTrouble(context.log, trouble),
  );
  if (answered !== undefined) return answered;
  const lock = takeLock(paths(context.home).lock);
  try {
    const member = await Member.open(context);
    try {
      return await pass(member, options);
    } finally {
      await member.close();
    }
  } finally {
    lock.release();
  }
}

/** The server may be away: what is in force is enforced all the same, and the report waits. */
export async function pass(member: Member, { offline, ...wish }: RunOptions): Promise<RunReport> {
  let renewNow = false;
  if (!offline) {
    await member.traits.refresh(member.machine());
    const failure = await reached(async () => {
      const { checkIn } = await import("./check-in.ts");
      ({ renewNow } = await member.reach((link) => checkIn(link, member)));
    });
    if (failure !== undefined) {
      if (member.bundles.isEmpty) throw failure;
      sayTrouble(member.log, failure);
    }
  }
  const report = await member.run(wish);
  if (!offline && wish.dryRun !== true) {
    const failure = await reached(async () => {
      const { flush } = await import("./check-in.ts");
      await flush(await member.link(), member);
      await member.renewCertificate(renewNow);
    });
    if (failure !== undefined) member.log.warn("report waits", { reason: failure.message });
  }
  return report;
}

const sayTrouble = (log: Log, { message, hint }: VigoError): void =>
  log.warn("check-in failed", { reason: message, hint });

async function reached(work: () => Promise<void>): Promise<VigoError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof VigoError) return error;
    throw error;
  }
}
