/** Names that a server knows, for completion: a few, and none that a shell would read otherwise. Must not know where they are typed. */
import { listEnvoys } from "../../core/api/envoys.ts";
import { listNames } from "../../core/api/names.ts";
import { listTags } from "../../core/api/tags.ts";
import { listTasks } from "../../core/api/tasks.ts";
import { listWorkflowRuns } from "../../core/api/workflows.ts";
import type { NameKind } from "./asked-name.ts";
import type { Call } from "./client.ts";

type Names = Promise<readonly string[]>;

/** Nobody reads more of them. */
const most = 200;
const newest = { limit: 50 };

const declared = async (call: Call) => call(listNames, { params: {} });

async function envoys(call: Call, begun: string): Names {
  if (!/^[\w.-]*$/.test(begun)) return [];
  const query = { limit: most, hostname: `${begun}*` };
  return (await call(listEnvoys, { params: {}, query })).envoys.map(({ hostname }) => hostname);
}

const tags = async (call: Call): Names =>
  (await call(listTags, { params: {} })).tags.map(({ tag }) => tag);

async function labels(call: Call): Names {
  const { roles, environments } = await declared(call);
  const both = roles.filter((name) => environments.includes(name));
  const plain = [...roles, ...environments].filter((name) => !both.includes(name));
  return [...plain, ...both.flatMap((name) => [`role:${name}`, `environment:${name}`])].map(
    (name) => `@${name}`,
  );
}

async function who(call: Call, begun: string): Names {
  const tagged = async () => (await tags(call)).map((tag) => `tag:${tag}`);
  if (begun.startsWith("@")) return labels(call);
  if (begun.startsWith("tag:")) return tagged();
  const known = await Promise.all([envoys(call, begun), ...(begun === "" ? [labels(call)] : [])]);
  return [...known.flat(), ...("tag:".startsWith(begun) ? await tagged() : [])];
}

const tasks = async (call: Call, isMeant: (hasEnded: boolean) => boolean): Names =>
  (await call(listTasks, { params: {}, query: newest })).tasks
    .filter(({ ended_at: at }) => isMeant(at !== undefined))
    .map(({ id }) => id);

const runs = async (call: Call, states?: readonly string[]): Names =>
  (await call(listWorkflowRuns, { params: {}, query: newest })).runs
    .filter(({ state }) => states?.includes(state) ?? true)
    .map(({ id }) => id);

const sources: Readonly<Record<NameKind, (call: Call, begun: string) => Names>> = {
  configcrate: async (call) => (await declared(call)).configcrates,
  declared: async (call) => {
    const { tasks, workflows } = await declared(call);
    return [...tasks, ...workflows];
  },
  envoy: envoys,
  environment: async (call) => (await declared(call)).environments,
  "named task": async (call) => (await declared(call)).tasks,
  run: (call) => runs(call),
  "run that goes on": (call) => runs(call, ["running", "waiting"]),
  "run that waits": (call) => runs(call, ["waiting"]),
  tag: tags,
  task: (call) => tasks(call, () => true),
  "task that ended": (call) => tasks(call, (hasEnded) => hasEnded),
  "task that goes on": (call) => tasks(call, (hasEnded) => !hasEnded),
  who,
  workflow: async (call) => (await declared(call)).workflows,
};

/** Those that begin so, by name. Rejects as a call does. */
export async function knownNames(kind: NameKind, begun: string, call: Call): Names {
  const known = await sources[kind](call, begun);
  return [...new Set(known)]
    .filter((name) => name.startsWith(begun) && /^[\w@:.,/+=-]+$/.test(name))
    .slice(0, most);
}
