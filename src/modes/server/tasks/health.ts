/**
 * Is what a batch has done good? An address that the server asks, again and again for a while, or a command that runs on the batch's
 * envoys as a task of its own (semantics §9), so that it outlives a restart of the server. Must not know what follows from it.
 */
import type { AuditEntry, Store } from "../store/store.ts";
import type { TargetRow, TaskRow } from "../store/tasks.ts";
import type { ActiveTask } from "./active.ts";
import type { Roster } from "./roster.ts";

export type Verdict = "healthy" | "unknown" | { readonly why: string };

/** Undefined: it answers well. Never rejects. */
export type AskHealth = (url: string) => Promise<string | undefined>;

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

interface Asking {
  readonly batch: number;
  readonly since: number;
  underWay: boolean;
  verdict: Verdict;
}

export class Health {
  readonly #options: HealthOptions;
  readonly #asking = new WeakMap<ActiveTask, Asking>();

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Of the batch whose turn it was. */
  async of(task: ActiveTask): Promise<Verdict> {
    const { healthCheck } = task.row;
    if (healthCheck === undefined) return "healthy";
    return isUrl(healthCheck) ? this.#asked(task, healthCheck) : this.#checked(task, healthCheck);
  }

  #asked(task: ActiveTask, url: string): Verdict {
    const { now } = this.#options;
    const { batch } = task.row;
    let asking = this.#asking.get(task);
    if (asking?.batch !== batch)
      asking = { batch, since: now(), underWay: false, verdict: "unknown" };
    this.#asking.set(task, asking);
    if (asking.verdict === "unknown" && !asking.underWay) void this.#ask(task, url, asking);
    return asking.verdict;
  }

  /** Once; the next tick of the server asks again. */
  async #ask(task: ActiveTask, url: string, asking: Asking): Promise<void> {
    const { ask, now, known, patienceMs = 30_000 } = this.#options;
    asking.underWay = true;
    const why = await ask(url);
    asking.underWay = false;
    if (why === undefined) asking.verdict = "healthy";
    else if (now() - asking.since >= patienceMs) asking.verdict = { why: `${url} ${why}` };
    if (asking.verdict !== "unknown") known(task);
  }

  async #checked(task: ActiveTask, command: string): Promise<Verdict> {
    const { store } = this.#options;
    const check = await store.tasks.checkOf(task.id, task.row.batch);
    if (check === undefined) return this.#begin(task, command);
    if (check.endedAt === undefined) return "unknown";
    const bad = (await store.tasks.targets(check.id)).filter(
      ({ ending }) => ending?.state !== "ok",
    );
    const [first] = bad;
    if (first === undefined) return "healthy";
    const others = bad.length > 1 ? ` and ${bad.length - 1} more` : "";
    return { why: `it is ${first.ending?.state ?? "open"} on ${first.hostname}${others}` };
  }

  /** On those of the batch that were reached; nobody can ask the others. */
  async #begin(task: ActiveTask, command: string): Promise<Verdict> {
    const { row } = task;
    const reached = [...task.targets.values()].filter(
      ({ batch, state }) => batch === row.batch && ["ok", "failed", "timed out"].includes(state),
    );
    if (reached.length === 0) return "healthy";
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
      batch: 0,
      healthCheck: undefined,
      checkOf: row.id,
      checkBatch: row.batch,
      rerunOf: undefined,
    };
    const detail = { command, check_of: row.id, batch: row.batch + 1, targets: reached.length };
    const entry = { at, actor: "vigo", action: "task.check", subject: check.id, detail };
    const targets = reached.map(({ envoyId, hostname }) => ({ envoyId, hostname, batch: 0 }));
    await this.#options.begin(check, targets, entry);
    return "unknown";
  }
}
