/** The endpoints about workflows, handled. Must not know HTTP, nor how a run is carried out. */
import { permissionsOf } from "../../../core/api/roles.ts";
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import {
  abortWorkflowRun,
  approveWorkflowRun,
  followWorkflowRun,
  listWorkflowRuns,
  listWorkflows,
  showWorkflowRun,
  startWorkflow,
} from "../../../core/api/workflows.ts";
import { unknownWord } from "../../../core/did-you-mean.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Slot } from "../../../core/workflows/course.ts";
import { pin } from "../../../core/workflows/pin.ts";
import { batchesFor, countOf } from "../../../core/workflows/portion.ts";
import type { Workflow } from "../../../core/workflows/workflow.ts";
import { implementEvents } from "../http/events.ts";
import { type Caller, implement } from "../http/implement.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { WorkflowRunRow } from "../store/workflows.ts";
import { envoysOf, type TargetDeps } from "../tasks/targets.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { ActiveRun } from "./active.ts";
import { countsIn, followed, known } from "./follow.ts";
import { plannedSteps, shownRun, shownWhole, shownWorkflow } from "./show.ts";
import type { Workflows } from "./workflows.ts";

interface Deps extends TargetDeps {
  readonly store: Pick<Store, "workflows" | "traits">;
  readonly policy: TargetDeps["policy"] & Pick<LivePolicy, "edition">;
  readonly workflows: Workflows;
  readonly tasks: Pick<Tasks, "find">;
  readonly now: () => number;
}

export const workflowRoutes = [
  implement(listWorkflows, async (_, { policy }: Deps) => ({
    workflows: [...(policy.edition?.policy.declared.workflows.values() ?? [])]
      .map(({ workflow }) => shownWorkflow(workflow))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  })),
  implement(startWorkflow, ({ params, body }, deps: Deps, caller) =>
    start(deps, params.name, body, caller),
  ),
  implement(listWorkflowRuns, async ({ query }, { store, workflows }: Deps) => {
    const { limit, cursor } = query;
    const rows = await store.workflows.page(limit + 1, cursor);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      runs: shown.map((row) => shownRun(row, workflows.find(row.id)?.steps ?? [])),
      ...(rows.length > limit && last !== undefined ? { cursor: last.id } : {}),
    };
  }),
  implement(showWorkflowRun, async ({ params }, deps: Deps) =>
    shownWhole(await known(deps, params.id), countsIn(deps.tasks)),
  ),
  implement(abortWorkflowRun, async ({ params, body }, deps: Deps, { name: actor }) => {
    const run = await active(deps, params.id);
    const { hard, reason } = body;
    const entry = entryOf(deps, run, "workflow.abort", actor, { hard, reason });
    const why = reason === "" ? `aborted by ${actor}` : `aborted by ${actor}: ${reason}`;
    await deps.workflows.abort(run, hard, why, entry);
    return shownRun(run.row, run.steps);
  }),
  implement(approveWorkflowRun, async ({ params }, deps: Deps, caller) => {
    const run = await active(deps, params.id);
    const { name: actor } = caller;
    await deps.workflows.approve(
      run,
      actor,
      (slot) => mayApprove(slot, run, caller),
      ({ key, step: { name } }) =>
        entryOf(deps, run, "workflow.approve", actor, { step: key, name }),
    );
    return shownRun(run.row, run.steps);
  }),
  implementEvents(followWorkflowRun, ({ params }, deps: Deps, _, gone) =>
    followed(deps, params.id, gone),
  ),
];

type Wish = Received<typeof startWorkflow>["body"];

async function start(
  deps: Deps,
  name: string,
  wish: Wish,
  { name: actor, role }: Caller,
): Promise<Answer<typeof startWorkflow>> {
  const { workflow, version, tasks } = published(deps, name);
  if (workflow.roles.length > 0 && !workflow.roles.some((each) => each === role))
    throw new VigoError(
      "denied",
      `${name} is for ${workflow.roles.join(", ")}, and you are ${role}`,
    );
  const publishes = [...workflow.steps, ...workflow.onFailure].some(
    ({ kind }) => kind === "publish",
  );
  if (publishes && (role === undefined || !permissionsOf(role).includes("config.publish")))
    throw new VigoError("denied", `${name} publishes, and you may not`);
  const { pinned, params, problems } = pin(workflow, tasks, wish.params);
  if (problems.length > 0)
    throw new VigoError("invalid", problems.join("; "), { hint: "--param NAME=VALUE" });
  const asked = wish.targets.length > 0 ? wish.targets : workflow.targets;
  if (asked.length === 0)
    throw new VigoError("invalid", `${name} does not say whom it is for`, {
      hint: "--target WHO, or `target:` in its file",
    });
  const envoys = await envoysOf(deps, asked);
  const places = batchesFor(workflow.batches, envoys.length);
  const members = envoys.map(({ id, row: { hostname } }, at) => ({
    envoyId: id,
    hostname,
    batch: places[at] ?? 0,
  }));
  const batches = (places.at(-1) ?? 0) + 1;
  const answer = {
    plan: members.map(({ envoyId, hostname, batch }) => ({
      envoy_id: envoyId,
      hostname,
      batch: batch + 1,
    })),
    steps: plannedSteps(pinned, batches),
  };
  if (wish.dry_run) return answer;
  const row: WorkflowRunRow = {
    id: Bun.randomUUIDv7(),
    workflow: name,
    version,
    pinned,
    params,
    actor,
    asked,
    createdAt: deps.now(),
    batches,
    maxFailures: countOf(workflow.maxFailures, envoys.length, "down"),
    state: "running",
    verdict: undefined,
    undoBatch: 0,
    reason: "",
    endedAt: undefined,
  };
  const detail = { workflow: name, version, params, asked, targets: envoys.length, batches };
  const entry = { at: row.createdAt, actor, action: "workflow.run", subject: row.id, detail };
  const run = await deps.workflows.begin(row, members, entry);
  return { ...answer, run: shownRun(run.row, run.steps) };
}

function published({ policy }: Deps, name: string) {
  const { edition } = policy;
  const declared = edition?.policy.declared;
  const found = declared?.workflows.get(name);
  if (edition !== undefined && declared !== undefined && found !== undefined)
    return {
      workflow: found.workflow satisfies Workflow,
      version: edition.manifest.version,
      tasks: declared.tasks,
    };
  const names = [...(declared?.workflows.keys() ?? [])];
  throw new VigoError("missing", unknownWord("workflow", name, names), {
    hint: "vigo cli workflow list; one that is only in stacks/ has to be published",
  });
}

/** Rejects with `missing`, or `conflict` for one that has ended. */
async function active(deps: Deps, id: string): Promise<ActiveRun> {
  const run = deps.workflows.find(id);
  if (run !== undefined) return run;
  const { row } = await known(deps, id);
  throw new VigoError("conflict", `the run has ended already: ${row.state}`);
}

function mayApprove({ step }: Slot, { row }: ActiveRun, { name, role }: Caller): void {
  if (step.kind !== "approval") return;
  if (step.role !== undefined && step.role !== role && role !== "admin")
    throw new VigoError("denied", `an approval of ${step.role} is needed, and you are ${role}`);
  if (step.other && row.actor === name)
    throw new VigoError("denied", "somebody else than who began the run has to approve it");
}

const entryOf = (
  { now }: Deps,
  { id, row }: ActiveRun,
  action: string,
  actor: string,
  more: Readonly<Record<string, string | boolean>>,
): AuditEntry => ({
  at: now(),
  actor,
  action,
  subject: id,
  detail: { workflow: row.workflow, ...more },
});
