/**
 * From what somebody wishes to a task that is on its way: whom it is for, in which batches, within which limits. Workflows order their
 * tasks here too. Must not know HTTP, nor how a task is carried out.
 */
import type { Received } from "../../../core/api/endpoint.ts";
import type { Role } from "../../../core/api/roles.ts";
import type { startTask } from "../../../core/api/tasks.ts";
import { parseDuration } from "../../../core/duration.ts";
import { VigoError } from "../../../core/errors.ts";
import { heldBack } from "../../../core/tasks/guardrails.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Streams } from "../grpc/streams.ts";
import type { Named, TaskRow } from "../store/tasks.ts";
import type { ActiveTask } from "./active.ts";
import { type Filled, filled, type NamedTasks } from "./named.ts";
import { batchSize, mostFailures } from "./portion.ts";
import { envoysOf, type TargetDeps } from "./targets.ts";
import { assertSound } from "./sound-check.ts";
import type { Tasks } from "./tasks.ts";

export interface OrderDeps extends TargetDeps {
  readonly policy: TargetDeps["policy"] & NamedTasks;
  readonly tasks: Tasks;
  readonly streams: Pick<Streams, "isOpen">;
  readonly now: () => number;
}

export type TaskWish = Received<typeof startTask>["body"];

/** `role`: undefined for who holds the server's own host. */
export interface Orderer {
  readonly name: string;
  readonly role: Role | undefined;
}

interface Planned {
  readonly envoy_id: string;
  readonly hostname: string;
  readonly batch: number;
  readonly stream: boolean;
  readonly maintenance?: boolean;
}

export interface Ordered {
  readonly plan: Planned[];
  /** Absent where it was only planned. It may be over already. */
  readonly task?: ActiveTask;
}

/** Of all targets together, in bytes; of one, at least and at most. */
const printed = { all: 16 * 1024 * 1024, least: 2 * 1024, most: 64 * 1024 };
const longest = { timeout: 86_400_000, expires: 30 * 86_400_000 };
const usualTimeoutMs = 60_000;

/**
 * Rejects with `invalid` or `missing` for what makes no sense, `denied` for who may not, `failed` where a guardrail holds it back.
 * `again`: the task that it repeats.
 */
export async function orderTask(
  deps: OrderDeps,
  wish: TaskWish,
  { name: actor, role }: Orderer,
  again?: Repeated,
): Promise<Ordered> {
  const what = again?.step ?? whatIsRun(deps.policy, wish, role);
  guard(plain(what.row), wish.force);
  if (wish.health_check !== undefined) {
    assertSound(wish.health_check);
    guard(wish.health_check, wish.force);
  }
  const limits = limitsOf(wish, what);
  const envoys = await envoysOf(deps, wish.targets);
  const size = batchSize(wish.batch_size, envoys.length);
  const plan = planned(deps, envoys, size);
  if (wish.dry_run) return { plan };
  const at = deps.now();
  const row = { ...what.row, ...limits, ...rowOf(wish, envoys.length), actor, createdAt: at };
  const whole: TaskRow = {
    ...row,
    id: Bun.randomUUIDv7(),
    expiresAt: at + limits.expiresMs,
    rerunOf: again?.id,
  };
  const targets = plan.map((each) => ({
    envoyId: each.envoy_id,
    hostname: each.hostname,
    batch: each.batch - 1,
  }));
  const task = await deps.tasks.begin(whole, targets, audited(whole, targets.length));
  return { plan, task };
}

export interface Repeated {
  readonly id: string;
  /** What a step of a workflow ran: it stands in the file of that workflow, and under no name of its own. */
  readonly step?: What;
}

interface What {
  readonly row: Pick<TaskRow, "command" | "named">;
  readonly timeoutMs: number;
}

function whatIsRun(policy: NamedTasks, wish: TaskWish, role: Role | undefined): What {
  const { command, task, params } = wish;
  if (task !== undefined && command === undefined)
    return ofName(filled(policy, task, params, role));
  if (command === undefined || task !== undefined)
    throw new VigoError("invalid", "a task is either a `command` or the name of a `task`");
  if (Object.keys(params).length > 0)
    throw new VigoError("invalid", "`params` are those of a named task, and this is a command");
  return { row: { command, named: undefined }, timeoutMs: usualTimeoutMs };
}

const ofName = ({ named, timeoutMs = usualTimeoutMs }: Filled): What => ({
  row: { command: named.argv.map(word).join(" "), named },
  timeoutMs,
});

/** As a person would write it. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The words of a named task as they are; quotes would hide a folder from the rails. */
const plain = ({
  command,
  named,
}: {
  readonly command: string;
  readonly named: Named | undefined;
}) => (named === undefined ? command : named.argv.join(" "));

function guard(text: string, force: boolean): void {
  const why = force ? undefined : heldBack(text);
  if (why === undefined) return;
  throw new VigoError("failed", `a guardrail holds the command back: ${why}`, {
    hint: "when it is meant: --force, which the audit log keeps",
  });
}

function limitsOf(wish: TaskWish, what: What) {
  const { timeout, expires, health_check: healthCheck } = wish;
  return {
    timeoutMs: timeout === undefined ? what.timeoutMs : within("timeout", timeout, longest.timeout),
    expiresMs: within("expires", expires, longest.expires),
    healthCheck,
  };
}

function within(name: string, written: string, most: number): number {
  const ms = parseDuration(written) ?? 0;
  if (ms >= 1_000 && ms <= most) return ms;
  throw new VigoError("invalid", `${name}: must be 1s to ${most / 3_600_000}h, not ${written}`);
}

const planned = (
  { streams, fleet }: OrderDeps,
  envoys: readonly Envoy[],
  size: number,
): Ordered["plan"] =>
  envoys.map((envoy, at) => ({
    envoy_id: envoy.id,
    hostname: envoy.row.hostname,
    batch: Math.floor(at / size) + 1,
    stream: streams.isOpen(envoy.id),
    ...(fleet.maintenanceUntil(envoy) === undefined ? {} : { maintenance: true }),
  }));

const rowOf = (wish: TaskWish, all: number) => ({
  asked: wish.targets,
  maxFailures: mostFailures(wish.max_failures, all),
  outputLimit: Math.min(printed.most, Math.max(printed.least, Math.floor(printed.all / all))),
  nice: wish.nice,
  force: wish.force,
  batchSize: wish.batch_size === undefined ? undefined : batchSize(wish.batch_size, all),
  batchAsked: wish.batch_size,
  failuresAsked: wish.max_failures,
  batch: 0,
  checkOf: undefined,
  checkBatch: undefined,
  state: "running" as const,
  endedAt: undefined,
  reason: "",
});

function audited(row: TaskRow, targets: number) {
  const { id, actor, createdAt, command, force, asked, named, healthCheck, rerunOf } = row;
  const detail = {
    command,
    force,
    asked,
    targets,
    ...(named === undefined ? {} : { task: named.name, params: named.params }),
    ...(healthCheck === undefined ? {} : { health_check: healthCheck }),
    ...(rerunOf === undefined ? {} : { rerun_of: rerunOf }),
  };
  const action = rerunOf === undefined ? "task.run" : "task.rerun";
  return { at: createdAt, actor, action, subject: id, detail };
}
