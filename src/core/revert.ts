/**
 * `revert: true`: what a resource did is undone once, and then it is let be (semantics §1). A value is put back as it was found
 * first, which is kept before the first change; a command has an `on_revert`. Must not know any type, nor where it is kept.
 */
import { VigoError } from "./errors.ts";
import type { Host, ReadHost } from "./host.ts";
import type { JsonObject } from "./json.ts";
import type { Change, Outcome, ResourceType, Turn } from "./resource.ts";

/** How a type undoes what it did. One without it is taken back by `state: absent`, or not at all. */
export type Reversal<P> =
  | {
      readonly kind: "value";
      /** Parameters that would put back what is there now; undefined where none could. */
      now(params: P, host: ReadHost): Promise<Partial<P> | undefined>;
    }
  | {
      readonly kind: "command";
      /** What there is to undo. */
      check(params: P, host: ReadHost): Promise<readonly Change[]>;
      /** Does what the parameter `on_revert` says. */
      undo(params: P, host: Host): Promise<void>;
    };

/** What is known of one resource from earlier runs. */
export interface Kept {
  /** The value found first; null where it was nothing that could be put back. */
  readonly former?: JsonObject | null;
  /** Digest of the parameters under which it was undone. */
  readonly settled?: string;
}

/** Kept where a crash does not reach it: on disk when `keep` resolves. */
export interface Reverting {
  readonly wanted: boolean;
  /** Digest of the parameters. */
  readonly intent: string;
  kept(): Promise<Kept | undefined>;
  /** Nothing: it is forgotten. */
  keep(kept: Kept | undefined): Promise<void>;
}

/** The turn of a resource that is to be undone: the same life, towards what was there before. */
export async function undoing<P extends object>(
  turn: Turn<P>,
  memory: Reverting,
): Promise<Turn<P>> {
  const { type } = turn;
  if (type.reversal === undefined)
    throw new VigoError("unavailable", `this agent cannot revert ${type.name}: update the agent`);
  const kept = await memory.kept();
  const life = kept?.settled === memory.intent ? settled : lifeOf(type, type.reversal, kept);
  const { refresh: _, refreshedBy: __, ...rest } = type;
  return { ...turn, notified: false, type: { ...rest, isAction: () => false, ...life } };
}

type Life<P> = Pick<ResourceType<P & object>, "check" | "apply">;

const settled = { check: async () => [], apply: async () => undefined };

function lifeOf<P extends object>(
  type: ResourceType<P>,
  reversal: Reversal<P>,
  kept: Kept | undefined,
): Life<P> {
  if (reversal.kind === "command")
    return {
      // Its exit code has said that it worked; guards are the command's own.
      check: async (params, host, applied) =>
        applied === undefined ? reversal.check(params, host) : [],
      apply: (params, host) => reversal.undo(params, host),
    };
  const { former } = kept ?? {};
  if (former === undefined) return settled;
  if (former === null) return { ...settled, check: async () => lost() };
  const back = (params: P): P => ({ ...params, ...former });
  return {
    check: (params, host, applied) => type.check(back(params), host, applied),
    apply: (params, host, changes) => type.apply(back(params), host, changes),
  };
}

function lost(): never {
  throw new VigoError(
    "failed",
    "what was there before could not be kept, so nothing puts it back",
    {
      hint: "say the value it shall have, and take `revert` away",
    },
  );
}

/** It has been undone, or there was nothing left of it: from now on it is let be. */
export async function settle(memory: Reverting, { outcome }: Outcome): Promise<void> {
  const kept = await memory.kept();
  const undone = outcome === "changed" || (outcome === "ok" && kept?.former !== undefined);
  if (undone) await memory.keep({ settled: memory.intent });
}

/** Before the first change: what is found then is what a revert puts back. */
export async function keepFormer<P extends object>(
  { type, params, host }: Turn<P>,
  memory: Reverting,
): Promise<void> {
  if (type.reversal?.kind !== "value") return;
  const kept = await memory.kept();
  if (kept?.former !== undefined) return;
  const now = await type.reversal.now(params, host);
  await memory.keep({ ...kept, former: now === undefined ? null : (now as JsonObject) });
}

/** It is enforced again, so the next revert has something to undo. */
export async function unsettle(memory: Reverting): Promise<void> {
  const { settled, ...rest } = (await memory.kept()) ?? {};
  if (settled !== undefined) await memory.keep(rest.former === undefined ? undefined : rest);
}
