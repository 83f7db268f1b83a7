/** The names that a policy declares, by kind. Must not know who asks. */
import type { Answer } from "../../../core/api/endpoint.ts";
import type { listNames } from "../../../core/api/names.ts";
import type { Policy } from "../../../core/policy/policy.ts";

/** None before the first publish. */
export function namesIn(policy: Policy | undefined): Answer<typeof listNames> {
  const declared = policy?.declared;
  const sorted = (names: Iterable<string> = []) => [...new Set(names)].sort();
  // An environment that only hosts name needs no file of its own.
  const named = declared?.hostcrates.flatMap(({ environment }) => environment?.value ?? []) ?? [];
  const described = [...(declared?.environments.values() ?? [])].flatMap((all) => [...all.keys()]);
  return {
    roles: sorted(declared?.roles.keys()),
    environments: sorted([...named, ...described]),
    configcrates: sorted(declared?.configcrates.keys()),
    tasks: sorted(declared?.tasks.keys()),
    workflows: sorted(declared?.workflows.keys()),
  };
}
