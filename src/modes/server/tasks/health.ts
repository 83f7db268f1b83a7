/**
 * Is what a batch has done good? An address that the server asks, again and again for a while, or a command that runs on the batch's
 * envoys as a task of its own (semantics §9), so that it outlives a restart of the server. Must not know what follows from it.
 */
import type { AuditEntry, Store } from "../store/store.ts";
import type { TargetRow, TaskRow } from "../store/tasks.ts";
import type { TargetState } from "../../../core/tasks/states.ts";
import type { ActiveTarget, ActiveTask } from "./active.ts";
import type { Roster } from "./roster.ts";

export type Verdict = "healthy" | "unknown" | { readonly why: string };

/** Why an address is not well. */
export interface Ill {
  readonly why: string;
  /** It will not be asked later either. */
  readonly forGood?: true;
}

/** Undefined: it answers well. Never rejects. */
export type AskHealth = (url: string) => Promise<Ill | undefined>;

export interface HealthOptions {
  readonly store: Pick<Store, "tasks">;
  readonly roster: Roster;
  readonly ask: AskHealth;
  /** Somebody should look again. */
  readonly known: (task: ActiveTask) => void;
  readonly begin: (
    row: TaskRow,
    targets: readonly Pick<TargetRow, "envoyId" | "hostname" | "batch">[],
    audit: AuditEntry,
  ) => Promise<unknown>;
  readonly now: () => number;
  /** How long an address may take to become well (d: 30 s). */
  readonly patienceMs?: number;
}

/** Who has not begun its check by then is not well. */
const beginMs = 300_000;

export const isUrl = (check: string): boolean => /^https?:\/\//i.test(check);

/** It has done something there, for good or ill; who may have, and cannot say, is asked nothing. */
const ran: readonly TargetState[] = ["ok", "failed", "timed out"];
const mayHaveRun: readonly TargetState[] = [...ran, "interrupted"];

interface Asking {
  /** How many may have run it by then: when there are more, it is asked anew. */
  readonly after: number;
  readonly since: number;
  underWay: boolean;
  verdict: Verdict;
}

/** The commands that were run so far; kept in the store too, as tasks. */
interface Checks {
  /** Numbers them. */
  next: number;
  readonly envoys: Set<string>;
  /** Not yet known to be well. */
  current: string | undefined;
}

export class Health {
  readonly #options: HealthOptions;
  readonly #asking = new WeakMap<ActiveTask, Asking>();
  readonly #checks = new WeakMap<ActiveTask, Checks>();
  #leaps = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** The clock leapt: an address has no less time to become well, and no more. */
  leapt(by: number): void {
    this.#leaps += by;
  }

  /** Of those who have run it since it was well the last time: the batch whose turn it was, and who came late to one before. */
  async of(task: ActiveTask): Promise<Verdict> {
    const { healthCheck } = task.row;
    if (healthCheck === undefined) return "healthy";
    return isUrl(healthCheck) ? this.#asked(task, healthCheck) : this.#checked(task, healthCheck);
  }

  #asked(task: ActiveTask, url: string): Verdict {
    const after = task.inStates(mayHaveRun).length;
    if (after === 0) return "healthy";
    let asking = this.#asking.get(task);
    if (asking?.after !== after)
      asking = { after, since: this.#evenly(), underWay: false, verdict: "unknown" };
    this.#asking.set(task, asking);
    if (asking.verdict === "unknown" && !asking.underWay) void this.#ask(task, url, asking);
    return asking.verdict;
  }

  /** Once; the next tick of the server asks again. */
  async #ask(task: ActiveTask, url: string, asking: Asking): Promise<void> {
    const { ask, known, patienceMs = 30_000 } = this.#options;
    asking.underWay = true;
    const ill = await ask(url);
    asking.underWay = false;
    if (ill === undefined) asking.verdict = "healthy";
    else if (ill.forGood === true || this.#evenly() - asking.since >= patienceMs)
      asking.verdict = { why: `${url} ${ill.why}` };
    if (asking.verdict !== "unknown") known(task);
  }

  /** A time without leaps, good for nothing but what has gone by. */
  #evenly(): number {
    const now = this.#options.now();
    return now - this.#leaps;
  }

  async #checked(task: ActiveTask, command: string): Promise<Verdict> {
    const checks = this.#checks.get(task) ?? (await this.#known(task));
    this.#checks.set(task, checks);
    if (checks.current !== undefined) {
      const verdict = await this.#verdict(checks.current);
      if (verdict !== "healthy") return verdict;
      checks.current = undefined;
    }
    const fresh = task.inStates(ran).filter(({ envoyId }) => !checks.envoys.has(envoyId));
    if (fresh.length === 0) return "healthy";
    checks.current = await this.#begin(task, command, checks.next, fresh);
    checks.next++;
    for (const { envoyId } of fresh) checks.envoys.add(envoyId);
    return "unknown";
  }

  /** What a process before this one has begun; the last of them may go on. */
  async #known({ id }: ActiveTask): Promise<Checks> {
    const { tasks } = this.#options.store;
    const checks: Checks = { next: 0, envoys: new Set(), current: undefined };
    for (;;) {
      const check = await tasks.checkOf(id, checks.next);
      if (check === undefined) return checks;
      for (const { envoyId } of await tasks.targets(check.id)) checks.envoys.add(envoyId);
      checks.current = check.id;
      checks.next++;
    }
  }

  async #verdict(id: string): Promise<Verdict> {
    const { tasks } = this.#options.store;
    const check = await tasks.find(id);
    if (check?.endedAt === undefined) return "unknown";
    const bad = (await tasks.targets(id)).filter(({ ending }) => ending?.state !== "ok");
    const [first] = bad;
    if (first === undefined) return "healthy";
    const others = bad.length > 1 ? ` and ${bad.length - 1} more` : "";
    return { why: `it is ${first.ending?.state ?? "open"} on ${first.hostname}${others}` };
  }

  /** On those who were reached; nobody can ask the others. */
  async #begin(
    { row }: ActiveTask,
    command: string,
    number: number,
    reached: readonly ActiveTarget[],
  ): Promise<string> {
    const at = this.#options.now();
    const check: TaskRow = {
      ...row,
      id: Bun.randomUUIDv7(),
      actor: "vigo",
      createdAt: at,
      expiresAt: at + beginMs,
      command,
      named: undefined,
      asked: reached.map(({ hostname }) => hostname),
      state: "running",
      reason: "",
      maxFailures: undefined,
      batchSize: undefined,
      batchAsked: undefined,
      failuresAsked: undefined,
      batch: 0,
      healthCheck: undefined,
      checkOf: row.id,
      checkBatch: number,
      rerunOf: undefined,
    };
    const detail = { command, check_of: row.id, batch: row.batch + 1, targets: reached.length };
    const entry = { at, actor: "vigo", action: "task.check", subject: check.id, detail };
    const targets = reached.map(({ envoyId, hostname }) => ({ envoyId, hostname, batch: 0 }));
    await this.#options.begin(check, targets, entry);
    return check.id;
  }
}
