/**
 * One check-in: says who this machine is and what it has, takes what the server answers, and tells what waits. Must not know
 * when it is due, nor how to enforce.
 */
import type { Log } from "../../core/log.ts";
import { ownKnowledge, ownKnowledgeDigest } from "../../core/bundle/own-knowledge.ts";
import { version } from "../../core/version.ts";
import { spanToWire } from "../../core/wire/convert.ts";
import { usualSplay } from "./backoff.ts";
import type { BundleKeeper } from "./bundle-keeper.ts";
import type { Cache } from "./cache.ts";
import { machineFacts } from "./facts.ts";
import type { Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import { toWire } from "./outbox-wire.ts";
import type { SecretKeeper } from "./secret-keeper.ts";
import type { TraitKeeper } from "./trait-keeper.ts";
import { VigoError } from "../../core/errors.ts";

export interface Parts {
  readonly cache: Cache;
  readonly bundles: BundleKeeper;
  readonly traits: TraitKeeper;
  readonly ledger: Ledger;
  readonly secrets: SecretKeeper;
  readonly log: Log;
  now(): Date;
}

export interface CheckedIn {
  /** Until the next one, as the server wishes. */
  readonly nextMs: number;
  /** Share of that over which calls are spread. */
  readonly splay: number;
  /** The server wants it to have another certificate now. */
  readonly renewNow: boolean;
  /** What is to be enforced has changed. */
  readonly isNew: boolean;
  /** The server has orders. */
  readonly openStream: boolean;
}

/** The server may ask for traits, or a body be missing: then it is said at once. More than that is for the next time. */
const mostRounds = 3;

export async function checkIn(link: Link, parts: Parts): Promise<CheckedIn> {
  let isNew = false;
  let tellRegistry = false;
  for (let round = 1; ; round++) {
    const { answer, again, registryWanted } = await once(link, parts, tellRegistry);
    isNew ||= answer.isNew;
    tellRegistry = registryWanted;
    if (!again || round === mostRounds) {
      keepContact(parts, answer.nextMs);
      return { ...answer, isNew };
    }
  }
}

async function once(link: Link, parts: Parts, tellRegistry: boolean) {
  const { bundles, ledger } = parts;
  const news = parts.traits.news(parts.now());
  const { hostname, bootId, machineId } = machineFacts();
  const { digest } = bundles;
  const span = ledger.openSpan;
  const answer = await link.checkIn({
    agentVersion: version.version,
    registryDigest: ownKnowledgeDigest(),
    ...(tellRegistry && { registry: new TextEncoder().encode(ownKnowledge) }),
    hostname,
    bootId,
    machineId,
    policyVersion: bundles.policyVersion,
    bundleKeyId: bundles.keyId,
    traitsRoot: news.root,
    sections: [...news.sections],
    ...(digest && { bodyDigest: digest }),
    ...(span && { openSpan: spanToWire(span) }),
  });
  const wasSilent = parts.traits.isSilent;
  const registryWanted = answer.registryWanted && ownKnowledge !== "" && !tellRegistry;
  keepMaintenance(parts, Number(answer.maintenanceUntilMs));
  if (answer.volatileMs > 0) parts.traits.volatileEveryMs = answer.volatileMs;
  parts.traits.told(news, answer.sectionsWanted, parts.now());
  await bundles.follow(answer.successions);
  const accepted = await accept(parts, answer);
  const fetched = await parts.secrets.sync(link, bundles.inForce, answer.secretsHash);
  return {
    answer: {
      nextMs: answer.nextMs,
      splay: answer.splayPermille === undefined ? usualSplay : answer.splayPermille / 1000,
      isNew: accepted === "bundle" || fetched,
      openStream: answer.openStream,
      renewNow: answer.renewCertificate,
    },
    again:
      answer.sectionsWanted.length > 0 ||
      registryWanted ||
      accepted === "body wanted" ||
      // It has been told its secrets, and may speak of traits now.
      (wasSilent && !parts.traits.isSilent),
    registryWanted,
  };
}

/** A bundle that is refused changes nothing: what is in force stays, and the reason is said. */
async function accept(
  { bundles, log }: Parts,
  answer: Parameters<BundleKeeper["accept"]>[0],
): ReturnType<BundleKeeper["accept"]> {
  try {
    const accepted = await bundles.accept(answer);
    if (accepted === "bundle")
      log.info("bundle accepted", { policy_version: Number(bundles.policyVersion) });
    return accepted;
  } catch (error) {
    if (!(error instanceof VigoError)) throw error;
    log.error("bundle refused", { reason: error.message, hint: error.hint });
    return "kept";
  }
}

/** Sends what waits, oldest first, until nothing does. */
export async function flush(link: Link, { ledger }: Pick<Parts, "ledger">): Promise<number> {
  let sent = 0;
  for (;;) {
    const batch = ledger.batch();
    if (batch.length === 0) return sent;
    const committed = Number(await link.reportRuns({ reports: batch.map(toWire) }));
    const before = ledger.waiting;
    const outcome = ledger.committed(committed, batch);
    sent += before - ledger.waiting;
    if (outcome === "nothing")
      throw new VigoError("failed", `the server has committed runs up to ${committed} only`);
  }
}

/** It outlives the daemon, and ends by itself while the server is away. */
function keepMaintenance({ cache, log }: Parts, until: number): void {
  if ((cache.get("maintenance") ?? 0) === until) return;
  cache.set("maintenance", until);
  if (until === 0) log.info("maintenance is over");
  else log.warn("maintenance", { until: new Date(until).toISOString() });
}

const contactsKept = 10;

function keepContact({ cache, now }: Parts, intervalMs: number): void {
  const { lastAt, gapsMs = [] } = cache.get("contact") ?? {};
  const at = now().getTime();
  const gaps = lastAt === undefined ? [] : [...gapsMs, at - lastAt].slice(-contactsKept);
  cache.set("contact", { lastAt: at, gapsMs: gaps, intervalMs });
}
