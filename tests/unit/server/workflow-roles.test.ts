import { expect, test } from "bun:test";
import type { Role } from "../../../src/core/api/roles.ts";
import { mount } from "../../../src/modes/server/http/implement.ts";
import { workflowRoutes } from "../../../src/modes/server/workflows/api.ts";

/** Of all roles the one that may run workflows and not publish is yet to be made: the check is asked with roles that may do neither. */
async function begun(name: string, role: Role | undefined): Promise<readonly unknown[]> {
  const place = { file: "workflows/a.vgo", line: 1, column: 1 };
  const step = { kind: "publish", name: "1 publish", publish: {}, in: "every" };
  const about = { params: new Map(), targets: [], batches: [], roles: [], place };
  const workflow = (steps: readonly object[], onFailure: readonly object[]) => ({
    workflow: { ...about, name, description: "", steps, onFailure, timeoutMs: 1_000 },
  });
  const workflows = new Map([
    ["ahead", workflow([step], [])],
    ["back", workflow([], [step])],
    ["harmless", workflow([], [])],
  ]);
  const policy = { edition: { manifest: { version: 1 }, policy: { declared: { workflows } } } };
  const caller = { name: "vera", role, via: "session", address: "" } as const;
  const app = mount(workflowRoutes, { policy } as never, {
    authorise: async () => caller,
    log: () => {},
    done: () => {},
  });
  const answer = await app.request(`/api/v1/workflows/${name}/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const { error } = (await answer.json()) as { error: { message: string } };
  return [answer.status, error.message];
}

const publishes = (name: string) => [403, `${name} publishes, and you may not`];
/** What comes after the check: none of these says whom it is for. */
const passed = (name: string) => [400, `${name} does not say whom it is for`];

test.each([
  ["ahead", "viewer", publishes("ahead")],
  ["back", "compliance", publishes("back")],
  ["ahead", undefined, publishes("ahead")],
  ["harmless", "viewer", passed("harmless")],
  ["ahead", "operator", passed("ahead")],
  ["back", "admin", passed("back")],
] as const)("%s, begun by the role %s", async (name, role, answer) => {
  expect(await begun(name, role)).toEqual([...answer]);
});
