/** What workflows ask of an envoy: its traits as reported, where it belongs, how it stands. Must not know workflows. */
import { CannotDecide } from "../../../core/policy/when/condition.ts";
import { decideOnServer } from "../../../core/policy/when/decide-on-server.ts";
import { parseCondition } from "../../../core/policy/when/parse.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { Store } from "../store/store.ts";

export interface SightDeps {
  readonly fleet: Pick<Fleet, "get" | "status">;
  readonly policy: Pick<LivePolicy, "settle" | "workshop">;
  readonly store: Pick<Store, "traits">;
}

/** true and false, or why it cannot be told. Only a database that fails makes it reject. */
export type Decide = (condition: string, envoyId: string) => Promise<boolean | string>;

export const decider =
  ({ fleet, policy, store }: SightDeps): Decide =>
  async (source, envoyId) => {
    const envoy = fleet.get(envoyId);
    if (envoy === undefined || envoy.row.revokedAt !== undefined) return "it is shut out";
    const { traits: types } = policy.workshop.registries;
    const condition = parseCondition(source, types);
    if (condition.kind === "error") return condition.message;
    await policy.settle(envoy);
    const rows = condition.sections.length === 0 ? [] : await store.traits.of(envoyId);
    try {
      return decideOnServer(condition, {
        envoy: { id: envoyId, hostname: envoy.row.hostname },
        traits: Object.fromEntries(rows.map(({ section, value }) => [section, value])),
        vars: {},
        environment: envoy.intended?.environment,
        roles: envoy.intended?.roles ?? [],
        sight: { status: fleet.status(envoy), upToDate: envoy.isUpToDate },
        types,
      });
    } catch (error) {
      if (error instanceof CannotDecide) return error.message;
      throw error;
    }
  };
