/**
 * A dry run of several resources is one story: what each would have made is there for those after it, in memory. Each apply is
 * rehearsed on that, as far as it can be told before it is done. Must not know types.
 */
import { Unforeseen, VigoError } from "../errors.ts";
import type { Command, CommandResult, Host, ReadHost } from "../host.ts";
import {
  Blocked,
  type Change,
  type Deeds,
  type Outcome,
  type Rehearsal,
  stillDiffers,
} from "../resource.ts";
import { Awaited, type Edges } from "./awaited.ts";
import { overlaidHost } from "./overlaid-acts.ts";
import { overlaidQuestions } from "./overlaid-questions.ts";
import { Overlay } from "./overlay.ts";

type Rehearsed = Edges & { readonly key: string; readonly noop?: boolean };

export class Rehearsals {
  /** The machine as it would be by now. */
  readonly host: Host;
  readonly #resources: readonly Rehearsed[];
  readonly #awaited: Awaited;
  /** Those that would do what cannot be told before. */
  readonly #unknown = new Set<number>();
  /** Those that were rehearsed to their end. */
  readonly #whole = new Set<number>();

  constructor(resources: readonly Rehearsed[], host: ReadHost) {
    const tree = new Overlay(host);
    this.host = overlaidHost(overlaidQuestions(host, tree), tree);
    this.#resources = resources;
    this.#awaited = new Awaited(resources);
  }

  /** What is `noop` is not done in the run either, so nothing comes of it. */
  of(index: number): { readonly rehearsal?: Rehearsal } {
    if (this.#resources[index]?.noop === true) return {};
    return {
      rehearsal: {
        act: (host, deeds) => this.#act(index, host, deeds),
        excuse: (error, changes) => this.#excuse(index, error, changes),
      },
    };
  }

  ended(index: number, outcome: Outcome): void {
    if (outcome.outcome !== "pending" || this.#resources[index]?.noop === true) return;
    // A refresh may do anything.
    if (!this.#whole.has(index) || outcome.reason !== undefined) this.#unknown.add(index);
  }

  async #act(index: number, host: Host, { apply, check }: Deeds): Promise<void> {
    try {
      await apply({ ...host, query: (command) => ownBusiness(host, command) });
      const left = await check({ ...host, query: unanswered });
      if (left.length > 0) throw stillDiffers(left);
      this.#whole.add(index);
    } catch (error) {
      if (!(error instanceof Unforeseen) || error.message !== "") throw error;
    }
  }

  /** What a resource fails with that comes after something unknown is no word about the run. */
  #excuse(index: number, error: unknown, changes: readonly Change[]): Outcome | undefined {
    if (error instanceof Unforeseen) return pending(changes, error.message);
    if (!(error instanceof VigoError || error instanceof Blocked)) return undefined;
    const before = this.#awaited.find(index, (other) => this.#unknown.has(other));
    if (before === undefined) return undefined;
    return pending(changes, `depends on ${this.#resources[before]?.key}, which is pending`);
  }
}

const pending = (changes: readonly Change[], reason: string): Outcome => ({
  outcome: "pending",
  changes,
  ...(reason !== "" && { reason }),
});

/** That a tool cannot be asked yet about what was just written goes without saying. */
async function ownBusiness(host: Host, command: Command): Promise<CommandResult> {
  try {
    return await host.query(command);
  } catch (error) {
    if (error instanceof Unforeseen && command.foreseen === undefined) throw new Unforeseen("");
    throw error;
  }
}

/** What a tool says of the machine now is not what it would say then. */
const unanswered: Host["query"] = async () => {
  throw new Unforeseen("");
};
