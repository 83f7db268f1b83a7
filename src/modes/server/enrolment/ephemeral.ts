/**
 * Machines that come and go, as those of a cluster that grows by day: who enrolled with an ephemeral token is forgotten after a
 * silence. Must not know who makes tokens, nor when it is called.
 */
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { AuditEntry, Store } from "../store/store.ts";

interface EphemeralDeps {
  readonly store: Pick<Store, "tokens" | "envoys">;
  readonly fleet: Fleet;
  /** Since when this server listens, and its clock has not jumped: silences from before that are none. */
  readonly heardSince: number;
}

/** Gives the names of those that are gone now. */
export async function forgetSilent({
  store,
  fleet,
  heardSince,
}: EphemeralDeps): Promise<readonly string[]> {
  const lives = new Map(
    (await store.tokens.all()).flatMap(({ id, ephemeralMs }) =>
      ephemeralMs === undefined ? [] : [[id, ephemeralMs] as const],
    ),
  );
  const now = fleet.now();
  const isOver = ({ row, lastSeenAt }: Envoy): boolean => {
    const life = row.tokenId === undefined ? undefined : lives.get(row.tokenId);
    return life !== undefined && now - Math.max(lastSeenAt ?? row.enrolledAt, heardSince) >= life;
  };
  const gone = lives.size === 0 ? [] : [...fleet.list()].filter(isOver);
  for (const { id, row } of gone) {
    const act = (action: string): AuditEntry => ({
      at: now,
      actor: `token ${row.tokenId}`,
      action,
      subject: id,
      detail: { hostname: row.hostname },
    });
    // Shut out first, so that a call that is under way cannot bring it back.
    await store.envoys.revoke(id, now, act("envoy.revoke"));
    fleet.revoke(id, now);
    await store.envoys.delete(id, act("envoy.expire"));
    fleet.remove(id);
  }
  return gone.map(({ row }) => row.hostname);
}
