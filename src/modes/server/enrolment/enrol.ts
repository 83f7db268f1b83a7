/**
 * A machine that holds a token becomes an envoy, or waits for a person (docs/design/semantics.md §5). Asking again with the
 * same key never makes a second envoy. Must not know HTTP, nor how certificates are made.
 */
import { randomUUID } from "node:crypto";
import type { Answer } from "../../../core/api/endpoint.ts";
import type { enroll } from "../../../core/api/enroll.ts";
import { VigoError } from "../../../core/errors.ts";
import { Line } from "../../../core/line.ts";
import { keyId } from "../../../core/pki/keys.ts";
import { namesake } from "../envoys/envoys.ts";
import { matcher } from "../envoys/page.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type {
  AuditEntry,
  EnvoyRow,
  RenewedCertificate,
  RequestRow,
  Store,
} from "../store/store.ts";
import type { Authority } from "../trust/authority.ts";
import type { BundleKey } from "../trust/bundle-key.ts";
import {
  another,
  assertMatch,
  assertUsable,
  type EnrolRequest,
  examine,
  type Newcomer,
} from "./newcomer.ts";

export interface EnrolDeps {
  readonly store: Pick<Store, "envoys" | "tokens" | "requests">;
  readonly fleet: Fleet;
  readonly authority: Authority;
  readonly bundleKey: BundleKey;
  readonly serverId: string;
  readonly ports: { readonly grpc: number };
  readonly now: () => number;
  /** Hostnames that enrol with a token at once; all others wait for a person. */
  readonly approved: () => readonly string[];
  /** Throws when no machine may be added. */
  readonly license: { assertRoom(): void };
  /** Somebody at this address showed a token that nobody made. */
  readonly guessed: (address: string) => void;
}

type Enrolled = Answer<typeof enroll>;

/** Machines that may wait at one time. */
const mostWaiting = 1_000;

/** One after the other: two that ask for one name at the same moment must not both get it. */
export function enrolment(
  deps: EnrolDeps,
): (request: EnrolRequest, address: string) => Promise<Enrolled> {
  const line = new Line();
  return async (request, address) => {
    const newcomer = await examine(deps, request, address);
    return line.add(() => decide(deps, newcomer));
  };
}

async function decide(deps: EnrolDeps, newcomer: Newcomer): Promise<Enrolled> {
  const { store } = deps;
  const known = await store.envoys.findByKey(newcomer.publicKey);
  if (known !== undefined) return welcomeBack(deps, newcomer, known);
  const asked = await store.requests.findByKey(newcomer.publicKey);
  if (asked !== undefined) return answerWaiting(deps, newcomer, asked);
  assertUsable(newcomer.token, deps.now());
  const other = namesake(deps.fleet, newcomer.hostname);
  if (other !== undefined) return wait(deps, newcomer, `the envoy ${other.id} has this name`);
  if (!deps.approved().some((glob) => matcher(glob)(newcomer.hostname)))
    return wait(deps, newcomer, "no pattern of enroll.approved covers this name");
  return admit(deps, newcomer, undefined);
}

/** The same identity as before; with the token it enrolled with, no use is taken. */
async function welcomeBack(
  deps: EnrolDeps,
  newcomer: Newcomer,
  { id, hostname, revokedAt, tokenId, certificate }: EnvoyRow,
): Promise<Enrolled> {
  if (revokedAt !== undefined)
    throw new VigoError("denied", "the envoy with this key is revoked", {
      hint: "enrol with a new key: remove the agent's identity first",
    });
  const { trusts } = deps.authority;
  const { pem, fingerprint, expiresAt } = await deps.authority.issueClient(
    newcomer.csr,
    id,
    new Date(deps.now()),
  );
  const previous = deps.fleet.get(id)?.shownCertificate ?? certificate;
  const renewed = { certificate: fingerprint, previous, expiresAt, trusts };
  if (tokenId === newcomer.token.id) await deps.store.envoys.renewCertificate(id, renewed);
  else await reissue(deps, newcomer, { id, hostname }, renewed);
  deps.fleet.renewed(id, renewed);
  return enrolled(deps, id, hostname, pem);
}

/** Another token vouches for this server anew (`vigo agent trust`), and is used like any other. */
async function reissue(
  deps: EnrolDeps,
  newcomer: Newcomer,
  { id, hostname }: Pick<EnvoyRow, "id" | "hostname">,
  renewed: RenewedCertificate,
): Promise<void> {
  const { token } = newcomer;
  assertUsable(token, deps.now());
  // What it calls itself was compared already; its name is the one on record.
  assertMatch(token, hostname);
  const use = { tokenId: token.id, now: deps.now() };
  const audit = act(deps, newcomer, "envoy.reissue", id);
  if (!(await deps.store.envoys.reissue({ id, renewed, use, audit }))) throw usedUpMeanwhile();
}

function answerWaiting(
  deps: EnrolDeps,
  newcomer: Newcomer,
  asked: RequestRow,
): Promise<Enrolled> | Enrolled {
  if (asked.tokenId !== newcomer.token.id || asked.hostname !== newcomer.hostname)
    throw new VigoError("conflict", `this key asks for the name ${asked.hostname} already`, {
      hint: `ask with the same name and token again, or with a new key: ${anew}`,
    });
  if (asked.state === "rejected")
    throw new VigoError("denied", "an admin has turned this machine away", {
      hint: `if that was a mistake: ${anew} asks again, with a new key`,
    });
  if (asked.state === "approved") return admit(deps, newcomer, asked.id);
  return pending(asked.id, newcomer.publicKey);
}

const anew = "vigo agent bootstrap --force";

async function wait(deps: EnrolDeps, newcomer: Newcomer, reason: string): Promise<Enrolled> {
  const { store, now } = deps;
  if ((await store.requests.count("waiting")) >= mostWaiting)
    throw new VigoError("limited", `${mostWaiting} machines wait for approval already`, {
      hint: "an admin decides with `vigo cli enroll pending`",
    });
  const { request, hostname, publicKey, token, address } = newcomer;
  const row: RequestRow = {
    id: randomUUID(),
    publicKey,
    hostname,
    reason,
    machineId: request.machine_id,
    platform: request.platform,
    arch: request.arch,
    address,
    tokenId: token.id,
    requestedAt: now(),
    state: "waiting",
    decidedAt: undefined,
    envoyId: undefined,
  };
  if (!(await store.requests.insert(row, act(deps, newcomer, "enroll.wait", row.id))))
    throw usedUpMeanwhile();
  return pending(row.id, publicKey);
}

async function admit(
  deps: EnrolDeps,
  newcomer: Newcomer,
  requestId: string | undefined,
): Promise<Enrolled> {
  deps.license.assertRoom();
  const { store, fleet, authority, now } = deps;
  const { request, hostname, publicKey, csr, token } = newcomer;
  const id = randomUUID();
  const at = now();
  const { trusts } = authority;
  const issued = await authority.issueClient(csr, id, new Date(at));
  const envoy: EnvoyRow = {
    id,
    hostname,
    publicKey,
    certificate: issued.fingerprint,
    previousCertificate: undefined,
    certificateExpiresAt: issued.expiresAt,
    enrolledAt: at,
    tokenId: token.id,
    revokedAt: undefined,
    machineId: request.machine_id,
    platform: request.platform,
    arch: request.arch,
    trusts,
  };
  const use = requestId === undefined ? { tokenId: token.id, now: at } : undefined;
  const audit = act(deps, newcomer, "envoy.enrol", id);
  if (!(await store.envoys.enrol({ envoy, use, requestId, audit }))) throw usedUpMeanwhile();
  fleet.add(envoy);
  return enrolled(deps, id, hostname, issued.pem);
}

const usedUpMeanwhile = () =>
  new VigoError("unauthenticated", "this token was used up a moment ago", { hint: another });

const act = (
  { now }: EnrolDeps,
  { hostname, address, token }: Newcomer,
  action: string,
  subject: string,
): AuditEntry => ({
  at: now(),
  actor: `token ${token.id}`,
  action,
  subject,
  detail: { hostname, address },
});

const pending = (id: string, publicKey: Uint8Array): Enrolled => ({
  status: "pending",
  request_id: id,
  key_fingerprint: keyId(publicKey),
});

const enrolled = (
  { serverId, authority, bundleKey, ports }: EnrolDeps,
  id: string,
  hostname: string,
  certificate: string,
): Enrolled => ({
  status: "enrolled",
  envoy_id: id,
  hostname,
  server_id: serverId,
  certificate,
  ca: authority.trusted,
  bundle_keys: [
    { id: bundleKey.id, public_key: Buffer.from(bundleKey.publicKey).toString("base64") },
  ],
  grpc_port: ports.grpc,
});
