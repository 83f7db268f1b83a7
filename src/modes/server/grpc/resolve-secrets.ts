/**
 * ResolveSecrets: the values of the secrets that an envoy's own bundle names, and of no others (semantics §6). Who asks for more
 * is refused, and that is kept in the audit log. Must not know transports, nor where secrets are.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import {
  type ResolveSecretsResponseSchema,
  SecretRefsSchema,
  type Signed,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { methods } from "../../../core/wire/service.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { EnvoySecrets } from "../secrets/envoy-secrets.ts";
import type { Store } from "../store/store.ts";
import type { Gate, Peer } from "./gate.ts";
import { readPayload } from "./payload.ts";

export interface SecretOptions {
  readonly gate: Gate;
  readonly fleet: Fleet;
  readonly policy: Pick<LivePolicy, "settle">;
  readonly secrets: EnvoySecrets;
  readonly store: Pick<Store, "audit">;
  readonly log: Log;
}

/** An envoy that asks again and again for what it may not have fills no disk with it. */
const auditPauseMs = 60_000;

export async function resolveSecrets(
  options: SecretOptions,
  signed: Signed | undefined,
  peer: Peer,
): Promise<MessageInitShape<typeof ResolveSecretsResponseSchema>> {
  const { gate, policy, secrets } = options;
  const envoy = gate.admit(signed, methods.resolveSecrets, peer);
  const { refs, bodyDigest } = readPayload(SecretRefsSchema, (signed as Signed).payload);
  await policy.settle(envoy);
  const { intended } = envoy;
  const isOwn =
    intended !== undefined &&
    Buffer.compare(intended.digest, bodyDigest) === 0 &&
    refs.every((ref) => ref < intended.secrets.length);
  if (!isOwn) throw await refused(options, envoy, bodyDigest);
  const hash = secrets.hashFor(intended);
  const asked = [...new Set(refs)];
  const values = await Promise.all(
    asked.map(async (ref) => {
      const secret = await secrets.value(intended.secrets[ref] as string);
      if (secret === undefined) return [];
      const { value, about } = secret;
      return [{ ref, value, version: `${about.version}-${about.edition}` }];
    }),
  );
  return { values: values.flat(), secretsHash: hash };
}

async function refused(
  { store, fleet, log }: SecretOptions,
  envoy: Envoy,
  digest: Uint8Array,
): Promise<VigoError> {
  const at = fleet.now();
  if (at - envoy.secretsRefusedAt >= auditPauseMs) {
    envoy.secretsRefusedAt = at;
    const body_digest = Buffer.from(digest).toString("hex").slice(0, 64);
    const { id, row } = envoy;
    log.warn("secrets refused", { envoy_id: id, hostname: row.hostname, body_digest });
    const detail = { hostname: row.hostname, body_digest };
    const actor = `envoy ${id}`;
    await store.audit.append({ at, actor, action: "secret.refused", subject: id, detail });
  }
  return new VigoError("denied", "these secrets are not named in this envoy's current bundle");
}
