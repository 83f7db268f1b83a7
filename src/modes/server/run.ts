/**
 * A running server: everything opened in order, and closed in the opposite one. Must not know the command line, nor signals.
 */
import { rm } from "node:fs/promises";
import { openActing } from "./acting.ts";
import { openAlerts } from "./alerts/open.ts";
import { answerer } from "./answering.ts";
import { auditConditions } from "./audit/conditions.ts";
import { Heads } from "./audit/heads.ts";
import { chores } from "./chores.ts";
import { Clock } from "./clock.ts";
import { type Closing, closing } from "./closing.ts";
import { readSettings } from "./config/read.ts";
import { sayWhatNeedsRestart } from "./fixed-settings.ts";
import { forgetSilent } from "./enrolment/ephemeral.ts";
import { revealing } from "./secrets/reveal.ts";
import { lockHome } from "./first-start/lock.ts";
import { prepare, prepareFolders } from "./first-start/prepare.ts";
import type { GrpcServer } from "./grpc/server.ts";
import type { Home } from "./home.ts";
import { pruneSessions } from "./auth/sessions.ts";
import { listenHttps } from "./http/listen.ts";
import type { Log } from "../../core/log.ts";
import { loggedLag } from "./metrics/logged-lag.ts";
import { Chronicle } from "./policy/chronicle.ts";
import { TicketTimes } from "./policy/ticket-times.ts";
import { listenGrpc, openLicense, loadFleet, openPolicy, type Parts, twoCalls } from "./parts.ts";
import { vendorKey } from "./license/vendor-key.ts";
import { assertOwn } from "./owner.ts";
import { listenOn } from "./ports.ts";
import { Redactor, redactedLog } from "../../core/redact.ts";
import { renewCertificate, type Shown } from "./shown.ts";
import { trendKeeper } from "./status/trend.ts";
import { openSecrets } from "./secrets/open.ts";
import { CaRotation } from "./trust/ca-rotation.ts";
import { requestLog } from "./request.ts";
import { Works } from "./works.ts";
import { writeAtomically } from "./write-file.ts";

export interface Running {
  readonly ports: { readonly grpc: number; readonly api: number };
  /** Of the first admin, when this start made it. */
  readonly password: string | undefined;
  /** Reads settings, certificate and policy again; rejects with `invalid` when the settings are wrong. */
  reload(): Promise<void>;
  /** Finishes what is under way, writes what is not written yet, lets go of the home. */
  close(): Promise<void>;
}

/** Rejects with what is wrong and where, and leaves nothing open. `vendor` is the key that licences are signed with. */
export async function runServer(
  home: Home,
  log: Log,
  vendor: Uint8Array = vendorKey,
): Promise<Running> {
  await assertOwn(home, "run");
  const open = closing();
  try {
    return await start(home, log, open, vendor);
  } catch (error) {
    await open.close();
    throw error;
  }
}

async function start(
  home: Home,
  plainLog: Log,
  open: Closing,
  vendor: Uint8Array,
): Promise<Running> {
  const redactor = new Redactor();
  const log = requestLog(redactedLog(plainLog, redactor));
  const startedAt = Date.now();
  await prepareFolders(home);
  open.later(lockHome(home.lock, home.folder));
  const settings = await readSettings(home, revealing(home));
  for (const { value } of settings.concealed) redactor.learn(value);
  const live = { settings };
  const prepared = await prepare(home, settings, new Date());
  open.later(() => prepared.store.close());
  if (prepared.isStray)
    log.warn("the database is new, though there was a CA: envoys of before are not known in it", {
      database: settings.databaseFile,
      hint: "was it moved? then stop, and put it back or name it in database.dsn",
    });
  const clock = await Clock.open({
    meta: prepared.store.meta,
    log,
    now: Date.now,
    elapsed: () => performance.now(),
  });
  const fleet = await loadFleet(prepared, live, log);
  await fleet.knowledge.open(prepared.store.meta);
  const ticketTimes = await TicketTimes.open(prepared.store.meta, Date.now());
  const policy = await openPolicy(home, prepared, live, { log, ticketTimes });
  open.later(() => policy.close());
  const secrets = await openSecrets(home, settings, fleet, { log, store: prepared.store });
  open.later(() => secrets.close());
  const license = await openLicense(home, live, fleet, { vendor, log });
  const chronicle = new Chronicle(home.folder, prepared.store, log);
  const works = new Works(Date.now);
  const rest = { chronicle, secrets, redactor, log, clock, ticketTimes, startedAt, works };
  const made = { home, settings, live, prepared, fleet, license, policy, ...rest };
  const rotation = await CaRotation.open({
    authority: prepared.authority,
    fleet,
    store: prepared.store,
    now: Date.now,
  });
  const parts = { ...made, rotation, ...(await openActing(made)) };
  open.later(() => fleet.flush(prepared.store, prepared.told));
  open.later(() => fleet.knowledge.keep(prepared.store.meta));
  const { meta } = prepared.store;
  const grpc = await listenOn(meta, forAgents, settings.server.grpc_listen, (at) =>
    listenGrpc(parts, at),
  );
  open.later(() => grpc.close());
  open.later(() => parts.streams.close());
  return serve(parts, grpc, open);
}

const forAgents = { name: "grpc", for: "agents", setting: "server.grpc_listen" } as const;
const forPeople = { name: "api", for: "HTTPS", setting: "server.api_listen" } as const;

/** The last step: people, and with them newcomers, are let in when everything else is there. */
async function serve(parts: Parts, grpc: GrpcServer, open: Closing): Promise<Running> {
  const { home, settings, prepared, log, clock } = parts;
  const ports = { grpc: grpc.port, api: 0 };
  const heads = await openHeads(parts);
  open.later(() => heads.sign());
  // What the last server published and did not live to tell is told before anybody can ask.
  await parts.chronicle.write();
  const { trusts } = prepared.authority;
  const shown = {
    certificate: prepared.certificate,
    trusts,
    get settings() {
      return parts.live.settings;
    },
  };
  const told = alertsOf(parts, grpc, shown, { heads, clock });
  await told.observer.begin();
  const lag = loggedLag(log);
  open.later(() => lag.stop());
  const answer = await answerer(parts, grpc, ports, shown, { ...told, heads, lag });
  const { meta } = prepared.store;
  const listener = await listenOn(meta, forPeople, settings.server.api_listen, (at) =>
    listenHttps(at, shown.certificate, answer),
  );
  open.later(() => listener.close());
  ports.api = listener.port;
  const renew = () => renewCertificate(parts, { grpc, listener }, shown);
  parts.rotation.onChange(renew);
  open.later(choresOf(parts, { shown, told, heads, clock, renew }));
  await writeAtomically(home.ports, `${JSON.stringify({ ...ports, pid: process.pid })}\n`, 0o644);
  open.later(() => rm(home.ports, { force: true }));
  return {
    ports,
    password: prepared.password,
    close: open.close,
    reload: async () => {
      parts.live.settings = await readSettings(home, revealing(home));
      for (const { value } of shown.settings.concealed) parts.redactor.learn(value);
      await parts.license.load();
      sayWhatNeedsRestart(settings, shown.settings, log);
      await renew();
      await parts.policy.reload();
    },
  };
}

interface Kept {
  readonly shown: Shown;
  readonly told: ReturnType<typeof openAlerts>;
  readonly heads: Heads;
  readonly clock: Clock;
  readonly renew: () => Promise<void>;
}

function choresOf(parts: Parts, { shown, told, heads, clock, renew }: Kept) {
  const { prepared, fleet, settings, log } = parts;
  const { store } = prepared;
  return chores({
    fleet,
    clock,
    forgetSilent: () => forgetSilent({ store, fleet, heardSince: clock.steadySince }),
    store,
    told: prepared.told,
    flushMs: settings.tuning.flush_interval,
    retentionMs: () => shown.settings.database.retention,
    renew,
    chronicle: () => parts.chronicle.write(),
    noteTickets: () => parts.ticketTimes.note(store.meta),
    noteKnowledge: () => fleet.knowledge.keep(store.meta),
    notePushes: () => parts.push.keep(),
    rollouts: () => parts.rollouts.tick(),
    tasks: () => parts.tasks.tick(),
    workflows: () => parts.workflows.tick(),
    observe: async () => {
      await parts.license.look();
      await told.observer.look();
    },
    alert: () => told.alerts.work(),
    signAudit: () => heads.sign(),
    pruneAlerts: () => store.alerts.prune(Date.now() - shown.settings.alerts.retention_days * day),
    pruneSessions: () => pruneSessions(store, shown.settings, Date.now()),
    noteTrend: trendKeeper({ store, fleet, settleMs: twoCalls(settings.checkin) }),
    log,
  });
}

const day = 86_400_000;

function alertsOf(
  parts: Parts,
  grpc: GrpcServer,
  shown: Shown,
  { heads, clock }: Pick<Kept, "heads" | "clock">,
) {
  const { prepared, fleet, license, log } = parts;
  return openAlerts({
    store: prepared.store,
    fleet,
    settings: () => shown.settings,
    certificates: () => ({
      server: shown.certificate.certificate,
      CA: prepared.authority.certificate,
    }),
    policyFailure: () => parts.policy.failure,
    conditions: () => [...auditConditions(heads), ...license.conditions()],
    metrics: grpc.metrics,
    heardSince: () => clock.steadySince,
    log,
  });
}

const openHeads = ({ home, prepared: { store, serverId }, log }: Parts): Promise<Heads> =>
  Heads.open({
    audit: store.audit,
    serverId,
    keyFile: home.auditKey,
    headFile: home.auditHead,
    log,
    now: Date.now,
  });
