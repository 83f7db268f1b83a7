/** The endpoints by which machines enrol and people decide about them, handled. Must not know HTTP. */
import { VigoError } from "../../../core/errors.ts";
import { enroll, showCa } from "../../../core/api/enroll.ts";
import { renewClient } from "../../../core/api/renew.ts";
import {
  approvePending,
  listPending,
  type Pending,
  rejectPending,
} from "../../../core/api/pending.ts";
import { keyId } from "../../../core/pki/keys.ts";
import { implement } from "../http/implement.ts";
import type { RequestRow } from "../store/store.ts";
import type { EnrolDeps, enrolment } from "./enrol.ts";
import { type RenewalDeps, renewByKey } from "./renew-by-key.ts";

interface Deps extends EnrolDeps, RenewalDeps {
  readonly enrol: ReturnType<typeof enrolment>;
}

export const enrolmentRoutes = [
  implement(showCa, async (_, { authority }: Deps) => ({ ca: authority.certificate })),
  implement(enroll, ({ body }, deps: Deps, { address }) =>
    limited(deps, address, body.hostname, () => deps.enrol(body, address)),
  ),
  implement(renewClient, ({ body }, deps: Deps, { address }) => renewByKey(deps, body, address)),
  implement(listPending, async ({ query }, { store }: Deps) => ({
    pending: (await store.requests.page(query.state, 1_000)).map(shown),
  })),
  implement(approvePending, ({ params }, deps: Deps, { name }) =>
    decide(deps, params.id, "approved", name),
  ),
  implement(rejectPending, ({ params }, deps: Deps, { name }) =>
    decide(deps, params.id, "rejected", name),
  ),
];

/** Refusals are said here, once: they are how an operator finds out why a machine does not come. */
async function limited<T>(
  { limiter, log }: Deps,
  address: string,
  hostname: string,
  work: () => Promise<T>,
): Promise<T> {
  limiter.take(address);
  try {
    return await work();
  } catch (caught) {
    if (caught instanceof VigoError && caught.failure !== "internal")
      log.warn("enrolment refused", { address, hostname, reason: caught.message });
    throw caught;
  }
}

async function decide(
  { store, now }: Deps,
  id: string,
  state: "approved" | "rejected",
  actor: string,
): Promise<Pending> {
  const action = state === "approved" ? "enroll.approve" : "enroll.reject";
  const before = await store.requests.find(id);
  if (before === undefined)
    throw new VigoError("missing", `no request ${id}`, { hint: "vigo cli enroll pending" });
  const detail = { hostname: before.hostname, key: keyId(before.publicKey) };
  const act = { at: now(), actor, action, subject: id, detail };
  const row = await store.requests.decide(id, state, now(), act);
  if (row !== undefined) return shown(row);
  throw new VigoError("conflict", `the request ${id} was ${before.state} already`);
}

const shown = (row: RequestRow): Pending => ({
  id: row.id,
  hostname: row.hostname,
  reason: row.reason,
  key_fingerprint: keyId(row.publicKey),
  platform: row.platform,
  arch: row.arch,
  address: row.address,
  token_id: row.tokenId,
  requested_at: new Date(row.requestedAt).toISOString(),
  state: row.state,
  ...(row.envoyId === undefined ? {} : { envoy_id: row.envoyId }),
});
