/** The parts of a running server, each made from settings. Must not know in which order they are opened and closed. */
import { resolve } from "node:path";
import { certificateFacts } from "../../core/pki/certificate.ts";
import type { Redactor } from "../../core/redact.ts";
import { resources } from "../../core/resources/index.ts";
import { traits } from "../../core/traits/index.ts";
import type { Deps } from "./app.ts";
import { backups } from "./backup/make.ts";
import { Lockout } from "./auth/lockout.ts";
import { LoginCodes } from "./auth/oidc/login-codes.ts";
import type { OidcDeps } from "./auth/oidc/routes.ts";
import type { Listen } from "./config/fields.ts";
import type { Clock } from "./clock.ts";
import type { Settings } from "./config/read.ts";
import { enrolment } from "./enrolment/enrol.ts";
import { clientRenewal } from "./enrolment/client-renewal.ts";
import { envoyUseCases } from "./envoys/envoys.ts";
import { Fleet } from "./envoys/fleet.ts";
import type { Prepared } from "./first-start/prepare.ts";
import { Gate } from "./grpc/gate.ts";
import { type GrpcServer, startGrpc } from "./grpc/server.ts";
import type { Home } from "./home.ts";
import type { Streams } from "./grpc/streams.ts";
import { Limiter } from "./http/limiter.ts";
import type { Log } from "../../core/log.ts";
import { LicenseKeeper } from "./license/keeper.ts";
import type { MetricsDeps } from "./metrics/page.ts";
import type { Chronicle } from "./policy/chronicle.ts";
import { LivePolicy } from "./policy/live.ts";
import { OldAgents } from "./policy/old-agents.ts";
import type { Publishing } from "./policy/publishing.ts";
import type { TicketTimes } from "./policy/ticket-times.ts";
import { progressIn, type Rollouts } from "./policy/rollouts.ts";
import type { Queries } from "./queries/queries.ts";
import { EnvoySecrets } from "./secrets/envoy-secrets.ts";
import type { SecretKeeper } from "./secrets/keeper.ts";
import type { Push } from "./streams/push.ts";
import type { CaRotation } from "./trust/ca-rotation.ts";
import type { Tasks } from "./tasks/tasks.ts";
import type { Works } from "./works.ts";
import type { Workflows } from "./workflows/workflows.ts";
import type { ServerCertificate } from "./trust/server-certificate.ts";

export interface Parts {
  readonly home: Home;
  /** As they were at the start … */
  readonly settings: Settings;
  /** … and as they were read last. */
  readonly live: LiveSettings;
  readonly prepared: Prepared;
  readonly fleet: Fleet;
  readonly license: LicenseKeeper;
  readonly policy: LivePolicy;
  readonly chronicle: Chronicle;
  readonly publishing: Publishing;
  readonly rollouts: Rollouts;
  readonly streams: Streams;
  readonly queries: Queries;
  readonly push: Push;
  readonly tasks: Tasks;
  readonly workflows: Workflows;
  readonly rotation: CaRotation;
  readonly secrets: SecretKeeper;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly clock: Clock;
  readonly ticketTimes: TicketTimes;
  readonly works: Works;
  readonly startedAt: number;
}

/** Those that SIGHUP changes are looked up each time they are used. */
export interface LiveSettings {
  settings: Settings;
}

export const loadFleet = ({ store }: Prepared, live: LiveSettings, log: Log): Promise<Fleet> =>
  Fleet.load(store, {
    get intervalMs() {
      return live.settings.checkin.interval;
    },
    get offline() {
      return live.settings.checkin.offline_threshold;
    },
    get divergedAfter() {
      return live.settings.convergence.diverged_after;
    },
    traits,
    onEvent: ({ kind, envoyId, hostname, machine }) =>
      log.warn(kind, { envoy_id: envoyId, hostname, machine_id: machine.machineId }),
  });

export async function openLicense(
  { folder, license }: Home,
  live: LiveSettings,
  fleet: Fleet,
  { vendor, log }: { readonly vendor: Uint8Array; readonly log: Log },
): Promise<LicenseKeeper> {
  const keeper = new LicenseKeeper({
    file: () => resolve(folder, live.settings.license.file ?? license),
    vendor,
    envoys: () => [...fleet.list()].filter(({ row }) => row.revokedAt === undefined).length,
    now: Date.now,
    log,
  });
  await keeper.load();
  return keeper;
}

export const openPolicy = (
  home: Home,
  { store, bundleKey }: Prepared,
  live: LiveSettings,
  { log, ticketTimes }: Pick<Parts, "log" | "ticketTimes">,
): Promise<LivePolicy> =>
  LivePolicy.open({
    home: home.folder,
    registries: { resources, traits },
    traits: store.traits,
    signing: bundleKey,
    get bundleMaxAgeMs() {
      return live.settings.checkin.bundle_max_age;
    },
    progress: progressIn(store),
    ticketTimes,
    log,
  });

/** Agents spread their calls (`checkin.splay`, in thousandths); the second call tells what the run after the first one did. */
export const twoCalls = ({ interval, splay }: Settings["checkin"]): number =>
  2 * interval * (1 + splay / 1_000);

export const grpcTls = ({ authority }: Prepared, { certificate, key }: ServerCertificate) => ({
  cert: certificate,
  key,
  ca: authority.trusted,
});

export function listenGrpc(
  { settings, live, prepared, fleet, policy, secrets, redactor, log, rotation, streams }: Parts,
  { host, port }: Listen,
): Promise<GrpcServer> {
  const { store, authority, serverId, certificate } = prepared;
  return startGrpc({
    port,
    ...(host === undefined ? {} : { host }),
    tls: grpcTls(prepared, certificate),
    serverId,
    fleet,
    policy,
    store,
    traits,
    log,
    streams,
    secrets: new EnvoySecrets(secrets, (value) => redactor.learn(value)),
    signatureWindowMs: settings.tuning.signature_window,
    maxMessageBytes: settings.tuning.max_message_mb * 1024 * 1024,
    bundleKey: prepared.bundleKey,
    renew: clientRenewal({ store, fleet, authority }),
    pace: () => ({
      splayPermille: live.settings.checkin.splay,
      volatileMs: live.settings.traits.volatile_interval,
    }),
    wantsRenewal: (envoy) => rotation.wantsRenewal(envoy),
  });
}

/** A guess at a token costs an address as much as so many honest requests. */
const priceOfGuess = 20;

interface Ports {
  readonly grpc: number;
  readonly api: number;
}

/** `shown` gives the certificate that is shown now; `ports` are known once both listen. */
export function handlerDeps(
  parts: Parts,
  grpc: GrpcServer,
  ports: Ports,
  shown: () => ServerCertificate,
  loggedIn: (name: string) => Promise<void>,
): Omit<Deps & MetricsDeps, "alerts" | "method" | "heads" | "transitions" | "lag"> &
  Pick<OidcDeps, "loginCodes"> {
  const { home, settings, live, prepared, fleet, policy, secrets, redactor, log, startedAt } =
    parts;
  const { store, authority, bundleKey, serverId } = prepared;
  const now = Date.now;
  // Who waits, waits no longer because somebody sets the clock back.
  const elapsed = () => performance.now();
  const limiter = new Limiter({ burst: 200, perSecond: 10, now: elapsed });
  const guessed = (address: string) => limiter.punish(address, priceOfGuess);
  const { license } = parts;
  const own = { store, fleet, authority, bundleKey, serverId, ports };
  const oldAgents = new OldAgents({ fleet, store, registries: { traits } });
  const approved = () => live.settings.enroll.approved;
  const enrolling = { ...own, approved, license, now, guessed };
  return {
    ...enrolling,
    loginCodes: new LoginCodes(now),
    home,
    settings,
    smtp: () => live.settings.smtp,
    log,
    startedAt,
    loggedIn,
    grpc,
    policy,
    publishing: parts.publishing,
    works: parts.works,
    chronicle: parts.chronicle,
    rotation: parts.rotation,
    rollouts: parts.rollouts,
    streams: parts.streams,
    queries: parts.queries,
    push: parts.push,
    tasks: parts.tasks,
    workflows: parts.workflows,
    secrets,
    hide: (value) => redactor.learn(value),
    perEnvoy: () => live.settings.metrics.per_envoy,
    lockout: new Lockout(elapsed),
    limiter,
    enrol: enrolment(enrolling),
    gate: new Gate({ serverId, fleet, windowMs: settings.tuning.signature_window, log }),
    renewal: clientRenewal(enrolling),
    envoys: envoyUseCases({
      ...{ store, fleet, types: traits },
      lacks: async (envoy) => {
        const { edition } = policy;
        return edition === undefined ? [] : oldAgents.lacks(edition.policy, envoy);
      },
    }),
    backup: backups(() => ({
      ...{ home, settings: live.settings, serverId, store },
      now: new Date(),
    })),
    identity: () => certificateFacts(shown().certificate),
    policyVersion: () => policy.edition?.manifest.version ?? 0,
    policyTroubles: () => troubles(fleet, policy),
    oldAgents: async () => {
      const { edition } = policy;
      const warnings = edition === undefined ? [] : await oldAgents.warnings(edition.policy);
      return warnings.map(({ message }) => message);
    },
  };
}

function troubles(fleet: Fleet, policy: LivePolicy): readonly string[] {
  const ofEnvoys = [...fleet.list()].flatMap(({ row, problems: [problem] }) =>
    problem === undefined || row.revokedAt !== undefined
      ? []
      : [`${row.hostname}: ${problem.file}:${problem.line}: ${problem.message}`],
  );
  return policy.failure === undefined ? ofEnvoys : [policy.failure, ...ofEnvoys];
}
