/**
 * A change of the network that is taken back when the machine cannot do afterwards what it must. What was before is noted until the
 * change is proven, so that a run after one that was killed in between proves it, or takes it back. Must not know what is changed.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";

const longestMs = 30_000;

/** What the parameter says, the same in each type that has it. */
export const verifyMeans =
  "Shell command that must work afterwards, within 30 s, as reaching the server must; otherwise what was before comes back. What a killed run could not prove, the next one does.";

/** As a type tells of what differs. */
interface Unproven {
  readonly field: "verify";
  readonly from: string;
  readonly to: string | undefined;
  readonly cause: "intent";
}

/** Of a resource, by what it claims: what an earlier run has changed and could not prove any more. */
export async function unproven(
  host: ReadHost,
  claim: string,
  verify: string | undefined,
): Promise<readonly Unproven[]> {
  if ((await host.noted?.(claim)) === undefined) return [];
  const to = verify === undefined ? undefined : "proven";
  return [{ field: "verify", from: "not proven", to, cause: "intent" }];
}

/** What is proven: `claim` is what the note about it is called. */
export interface Proof {
  readonly claim: string;
  readonly verify: string | undefined;
  /** False where what is to be proven stands already. */
  readonly isNeeded: boolean;
}

interface Provable<Former> extends Proof {
  /** What would come back, as plain data; `kept` is that of a change that was never proven. */
  former(kept: Former | undefined): Promise<Former>;
  work(): Promise<void>;
  back(former: Former): Promise<void>;
}

/** What was before comes back when the command fails or takes too long, and when what was to be done ended half way. */
export async function verified<Former>(host: Host, change: Provable<Former>): Promise<void> {
  const { claim, verify } = change;
  if (verify === undefined) {
    if (change.isNeeded) await change.work();
    await host.note?.(claim, undefined);
    return;
  }
  const former = await change.former(await keptFor<Former>(host, claim));
  await host.note?.(claim, JSON.stringify(former));
  const failure = await failureOf(host, verify, change);
  if (failure !== undefined) await change.back(former);
  await host.note?.(claim, undefined);
  if (failure !== undefined) throw failure;
}

async function keptFor<Former>(host: ReadHost, claim: string): Promise<Former | undefined> {
  const text = await host.noted?.(claim);
  return text === undefined ? undefined : (JSON.parse(text) as Former);
}

async function failureOf<Former>(
  host: Host,
  verify: string,
  change: Provable<Former>,
): Promise<unknown> {
  try {
    if (change.isNeeded) await change.work();
  } catch (cause) {
    if (!(cause instanceof VigoError)) return cause;
    const { failure, message, hint } = cause;
    return new VigoError(failure, `taken back, because it ended half way: ${message}`, {
      hint,
      cause,
    });
  }
  const said = await mistakeOf(host, verify);
  if (said === undefined) return undefined;
  return new VigoError("failed", `taken back, because afterwards this failed: ${said}`, {
    hint: "what is declared would cut this machine off, or verify asks for too much",
  });
}

/** Whoever is cut off waits for answers: too long is as bad as wrong. */
async function mistakeOf(host: Host, verify: string): Promise<string | undefined> {
  try {
    const { code, stderr } = await host.run({ argv: { shell: verify }, timeoutMs: longestMs });
    if (code === 0) return undefined;
    const said = stderr.trim().split("\n").at(-1) ?? "";
    return `${verify}: exit ${code}${said === "" ? "" : `: ${said}`}`;
  } catch (cause) {
    if (cause instanceof VigoError) return cause.message;
    throw cause;
  }
}
