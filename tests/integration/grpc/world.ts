/** A server's port 1530 with everything real behind it, in a temporary home, and enrolled envoys. Must not know any test. */
import { mkdtemp, rm } from "node:fs/promises";
import files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyId, newKeyPair, signingKey } from "../../../src/core/pki/keys.ts";
import { issueClient } from "../../../src/core/pki/ca.ts";
import { publishTree } from "../../../src/core/publish/publish.ts";
import { resources } from "../../../src/core/resources/index.ts";
import type { AnyTraitType } from "../../../src/core/trait.ts";
import type { LinkIdentity } from "../../../src/modes/agent/link.ts";
import { clientRenewal } from "../../../src/modes/server/enrolment/client-renewal.ts";
import { Fleet, type FleetEvent } from "../../../src/modes/server/envoys/fleet.ts";
import { type GrpcOptions, startGrpc } from "../../../src/modes/server/grpc/server.ts";
import type { Streams } from "../../../src/modes/server/grpc/streams.ts";
import type { Log } from "../../../src/core/log.ts";
import { LivePolicy } from "../../../src/modes/server/policy/live.ts";
import { EnvoySecrets } from "../../../src/modes/server/secrets/envoy-secrets.ts";
import { Secrets } from "../../../src/modes/server/secrets/secrets.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { EnvoyRow, Store } from "../../../src/modes/server/store/store.ts";
import { authority, clientCertificate, serverTls } from "./pki.ts";
import { kept as keptTrait, volatile } from "./traits.ts";
import { overheard } from "../../support/overheard.ts";

export type World = Awaited<ReturnType<typeof world>>;

export interface Enrolled {
  readonly row: EnvoyRow;
  readonly identity: LinkIdentity;
  readonly csr: Uint8Array;
}

export async function world(
  more: Partial<
    Pick<
      GrpcOptions,
      "maxConnections" | "keptConnections" | "callMs" | "idleMs" | "briefMs" | "pace"
    >
  > & {
    readonly traits?: readonly AnyTraitType[];
    readonly bundleMaxAgeMs?: number;
    /** How often agents call. */
    readonly intervalMs?: number;
    /** Where orders leave. */
    readonly streams?: (fleet: Fleet) => Streams;
  } = {},
) {
  const { streams: made, ...given } = more;
  const home = await mkdtemp(join(tmpdir(), "vigo-grpc-"));
  const clock = { now: Date.now() };
  const now = () => clock.now;
  const logged: string[] = [];
  const note = (event: string, fields?: unknown) => {
    const line = `${event} ${JSON.stringify(fields ?? {})}`;
    logged.push(line);
    overheard(`server: ${line}`);
  };
  const log: Log = { info: note, warn: note, error: note };
  const events: FleetEvent[] = [];
  const traits = more.traits ?? [keptTrait, volatile];
  const serverId = crypto.randomUUID();
  const signing = newKeyPair();
  const own = await authority(new Date(clock.now));
  const tls = await serverTls(own, new Date(clock.now));
  const kept = await openStore(join(home, "vigo.db"));
  const guard = { forbidden: false };
  const store = guarded(kept, guard);
  const fleetOptions = {
    intervalMs: more.intervalMs ?? 300_000,
    offline: { factor: 2.5 },
    divergedAfter: 3,
    traits,
    now,
    onEvent: (event: FleetEvent) => void events.push(event),
  };
  const fleet = await Fleet.load(store, fleetOptions);
  const policy = await LivePolicy.open({
    home,
    registries: { resources, traits },
    traits: store.traits,
    signing: { id: keyId(signing.publicKey), key: signingKey(signing.seed) },
    bundleMaxAgeMs: more.bundleMaxAgeMs ?? 0,
    log,
    now,
    pollMs: 60_000,
  });
  const renew = clientRenewal({
    store,
    fleet,
    authority: {
      trusted: own.pem,
      trusts: "first",
      issueClient: (request, envoyId, at) => issueClient(own.ca, { request, envoyId }, at),
    },
  });
  const secrets = await Secrets.open(join(home, "secrets"), join(home, "master.key"), (error) => {
    throw error;
  });
  secrets.onChange((path) => {
    for (const envoy of fleet.list())
      if (envoy.intended?.secrets.includes(path) === true) envoy.dirty();
  });
  const streams = made?.(fleet);
  const grpc = await startGrpc({
    secrets: new EnvoySecrets(secrets, () => undefined),
    port: 0,
    host: "127.0.0.1",
    tls,
    serverId,
    fleet,
    policy,
    store,
    traits,
    renew,
    wantsRenewal: () => false,
    log,
    ...given,
    ...(streams === undefined ? {} : { streams }),
  });

  const enrol = async (
    hostname: string,
    ca = own,
    machineId = `machine-of-${hostname}`,
  ): Promise<Enrolled> => {
    const id = crypto.randomUUID();
    const keys = newKeyPair();
    const made = await clientCertificate(ca, id, new Date(clock.now));
    const row: EnvoyRow = {
      id,
      hostname,
      publicKey: keys.publicKey,
      certificate: made.fingerprint,
      previousCertificate: undefined,
      certificateExpiresAt: made.expiresAt,
      enrolledAt: clock.now,
      tokenId: undefined,
      revokedAt: undefined,
      machineId,
      platform: "linux",
      arch: "amd64",
    };
    const audit = { at: clock.now, actor: "test", action: "enrol", subject: id, detail: null };
    await store.envoys.enrol({ envoy: row, use: undefined, requestId: undefined, audit });
    fleet.add(row);
    const { certificate, key } = made;
    const servers = [`127.0.0.1:${grpc.port}`];
    const identity = {
      envoyId: id,
      serverId,
      servers,
      certificate,
      key,
      ca: own.pem,
      seed: keys.seed,
    };
    return { row, identity, csr: made.csr };
  };

  const publish = async (tree: Readonly<Record<string, string>>, { tell = true } = {}) => {
    const bytes = Object.entries(tree).map(([path, text]) => [path, Buffer.from(text)] as const);
    await publishTree(
      files,
      home,
      {
        tree: {
          files: new Map(bytes.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))),
        },
        actor: "test",
        message: "",
        source: "test",
        now: new Date(clock.now),
      },
      { self: `${process.pid}`, isAlive: () => true },
    );
    if (tell) await policy.reload();
  };

  const close = async () => {
    streams?.close();
    await grpc.close(0);
    policy.close();
    guard.forbidden = false;
    await store.close();
    Bun.spawnSync(["chmod", "-R", "u+w", home]);
    await rm(home, { recursive: true, force: true });
  };
  return {
    home,
    guard,
    clock,
    logged,
    events,
    serverId,
    signing,
    own,
    tls,
    store,
    secrets,
    fleet,
    fleetOptions,
    policy,
    grpc,
    enrol,
    publish,
    close,
  };
}

/** The same store, all of whose parts throw while they are forbidden. */
const guarded = (store: Store, guard: { readonly forbidden: boolean }): Store =>
  new Proxy(store, {
    get(target, name) {
      if (guard.forbidden) throw new Error(`the store was asked for ${String(name)}`);
      const part: unknown = Reflect.get(target, name);
      return typeof part === "object" && part !== null
        ? new Proxy(part, { get: (inner, method) => forbidden(guard, inner, method) })
        : part;
    },
  });

function forbidden(guard: { readonly forbidden: boolean }, part: object, method: string | symbol) {
  if (guard.forbidden) throw new Error(`the store was told to ${String(method)}`);
  return Reflect.get(part, method) as unknown;
}
