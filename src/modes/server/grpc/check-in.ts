/**
 * CheckIn: no change, or what to enforce. When nothing is new it is answered from memory, at once; only news goes to the
 * store. Must not know transports.
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { asVigoError, VigoError } from "../../../core/errors.ts";
import { spanFromWire } from "../../../core/wire/convert.ts";
import {
  type CheckIn,
  CheckInRequestSchema,
  CheckInResponseSchema,
  CheckInSchema,
  type Signed,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { methods } from "../../../core/wire/service.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { BundleKey } from "../trust/bundle-key.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { EnvoySecrets } from "../secrets/envoy-secrets.ts";
import type { Gate, Peer } from "./gate.ts";
import type { CheckInStatus, GrpcMetrics } from "./metrics.ts";
import { readPayload } from "./payload.ts";
import { Refusal } from "./refusal.ts";
import type { Streams } from "./streams.ts";
import type { TraitIntake } from "./traits.ts";
import type { Unary } from "./unary.ts";

export interface CheckInOptions {
  readonly gate: Gate;
  readonly fleet: Fleet;
  readonly policy: Pick<LivePolicy, "isSettled" | "settle" | "isTicketDue" | "seal">;
  readonly secrets: Pick<EnvoySecrets, "hashFor">;
  readonly traits: TraitIntake;
  readonly metrics: GrpcMetrics;
  readonly streams: Pick<Streams, "isWished">;
  /** The key that signs, and the way to it from former ones. */
  readonly bundleKey?: Pick<BundleKey, "id" | "successions"> | undefined;
  /** The CAs that it trusts are not those of now. */
  readonly wantsRenewal: (envoy: Envoy) => boolean;
  /** Without it agents keep to their own. */
  readonly pace?: () => Pace;
}

/** What every answer says about when to call, and what to bring. */
export interface Pace {
  /** Of the interval, in thousandths. */
  readonly splayPermille: number;
  /** Between two tellings of volatile traits. */
  readonly volatileMs: number;
}

/** An agent that has no bundle, because its traits are not known yet, should not wait for its next turn. */
const soonMs = 1_000;

/** Of a name that an agent tells; kept for each. */
const maxTextLength = 253;
const digestLength = 32;

export function checkIn(options: CheckInOptions): Unary {
  const { metrics } = options;
  const done = (status: CheckInStatus, began: number) => {
    metrics.checkIns.add(status);
    metrics.checkInSeconds.observe((performance.now() - began) / 1000);
  };
  return (message, peer) => {
    const began = performance.now();
    try {
      const { envoy, told } = hear(options, message, peer);
      if (!isBehind(options, told) && isUnchanged(options, envoy, told)) {
        const reply = encode(options, envoy, {});
        done("unchanged", began);
        return reply;
      }
      return tell(options, envoy, told).then(
        ({ status, news }) => {
          done(status, began);
          return encode(options, envoy, news);
        },
        (caught: unknown) => {
          done(failedAs(caught), began);
          throw caught;
        },
      );
    } catch (caught) {
      done(failedAs(caught), began);
      throw caught;
    }
  };
}

const failedAs = (caught: unknown): CheckInStatus =>
  asVigoError(caught).failure === "internal" ? "error" : "refused";

interface Heard {
  readonly envoy: Envoy;
  readonly told: CheckIn;
}

/** Who it is and what it says, remembered in memory. */
function hear({ gate, fleet }: CheckInOptions, message: Uint8Array, peer: Peer): Heard {
  const { signed } = readPayload(CheckInRequestSchema, message);
  const envoy = gate.admit(signed, methods.checkIn, peer);
  const told = readPayload(CheckInSchema, (signed as Signed).payload);
  assertDigests(told);
  const span = told.openSpan && spanFromWire(told.openSpan, fleet.now());
  if (!fleet.admits(envoy, told))
    throw new Refusal("cloned", "another machine uses this envoy's identity; this one waits");
  const version = told.agentVersion.slice(0, maxTextLength);
  const hostname = told.hostname.slice(0, maxTextLength);
  // What it said before is kept: an old object that holds new ones is looked at by each collection of garbage.
  if (envoy.agentVersion !== version) envoy.agentVersion = version;
  if (envoy.reportedHostname !== hostname) envoy.reportedHostname = hostname;
  fleet.knowledge.heard(envoy, told.registryDigest, told.registry);
  envoy.policyVersion = Math.min(Number(told.policyVersion), Number.MAX_SAFE_INTEGER);
  envoy.checkInVersion = envoy.policyVersion;
  if (!same(envoy.bodyDigest, told.bodyDigest)) envoy.bodyDigest = told.bodyDigest.slice();
  fleet.checkedIn(envoy, span);
  return { envoy, told };
}

/** They are kept for each envoy. */
function assertDigests({ bodyDigest, traitsRoot }: CheckIn): void {
  for (const digest of [bodyDigest, traitsRoot])
    if (digest.length !== 0 && digest.length !== digestLength)
      throw new VigoError("invalid", `a digest has ${digestLength} bytes`);
}

const isUnchanged = ({ policy, traits }: CheckInOptions, envoy: Envoy, told: CheckIn): boolean =>
  told.sections.length === 0 &&
  policy.isSettled(envoy) &&
  traits.isCurrent(envoy, told) &&
  !needsTicket(policy, envoy);

/** It takes bundles from a former key, and can be led to this one. */
const isBehind = ({ bundleKey }: CheckInOptions, { bundleKeyId }: CheckIn): boolean =>
  bundleKey !== undefined &&
  bundleKey.successions.length > 0 &&
  bundleKeyId !== "" &&
  bundleKeyId !== bundleKey.id;

const needsTicket = (policy: CheckInOptions["policy"], envoy: Envoy): boolean =>
  envoy.intended !== undefined && (envoy.isBehind || policy.isTicketDue(envoy));

type News = MessageInitShape<typeof CheckInResponseSchema>;

async function tell(
  options: CheckInOptions,
  envoy: Envoy,
  told: CheckIn,
): Promise<{ readonly status: CheckInStatus; readonly news: News }> {
  const { policy, traits, bundleKey } = options;
  const behind = isBehind(options, told);
  const successions = behind ? [...(bundleKey?.successions ?? [])] : [];
  await traits.take(envoy, told);
  const current = traits.isCurrent(envoy, told);
  envoy.asked = !current;
  const sectionsWanted = current ? [] : traits.wanted;
  if (!current && envoy.traitsRoot === undefined)
    return { status: "sections", news: { sectionsWanted, successions, nextMs: soonMs } };
  await policy.settle(envoy);
  const { intended } = envoy;
  // What the former key has signed is replaced, so that the agent can forget it.
  if (intended === undefined || (!behind && !needsTicket(policy, envoy)))
    return { status: current ? "unchanged" : "sections", news: { sectionsWanted, successions } };
  if (envoy.isBehind) noteOffer(envoy);
  const ticket = policy.seal(envoy, intended);
  if (same(envoy.bodyDigest, intended.digest))
    return { status: "ticket", news: { sectionsWanted, successions, ticket } };
  return { status: "bundle", news: { sectionsWanted, successions, ticket, body: intended.body } };
}

function noteOffer(envoy: Envoy): void {
  envoy.offers = envoy.offeredVersion === envoy.intendedVersion ? envoy.offers + 1 : 1;
  envoy.offeredVersion = envoy.intendedVersion;
}

const encode = (
  { fleet, secrets, streams, wantsRenewal, pace }: CheckInOptions,
  envoy: Envoy,
  news: News,
): Uint8Array =>
  toBinary(
    CheckInResponseSchema,
    create(CheckInResponseSchema, {
      serverTimeMs: BigInt(fleet.now()),
      nextMs: fleet.intervalMs(envoy),
      secretsHash: secrets.hashFor(envoy.intended),
      openStream: streams.isWished(envoy.id),
      renewCertificate: wantsRenewal(envoy),
      registryWanted: fleet.knowledge.isWanted(envoy),
      maintenanceUntilMs: BigInt(fleet.maintenanceUntil(envoy) ?? 0),
      ...pace?.(),
      ...news,
    }),
  );

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
