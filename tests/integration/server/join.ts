/** An agent's link to a server of the tests, and the runs it may tell of. */
import { connectLink, type Link, type LinkIdentity } from "../../../src/modes/agent/link.ts";
import { certificateRequest } from "../../support/certificate-request.ts";
import { enrolBody, envoyKey, type World } from "./world.ts";

/** What an agent does: a key and a request of its own, then the link with what it was given. */
export async function join(w: World, hostname: string): Promise<{ link: Link; id: string }> {
  const key = envoyKey();
  const { request, key: tlsKey } = await certificateRequest("CN=agent");
  const body = await enrolBody(await w.token(), hostname, key, request);
  const enrolled = (await w.call("POST", "/enroll", body, "")).body;
  const identity = identityFrom(enrolled, tlsKey, key.seed);
  return { id: identity.envoyId, link: connectLink(identity) };
}

/** What an agent makes of the answer to its enrolment; `key` as PEM. */
export function identityFrom(
  enrolled: Readonly<Record<string, unknown>>,
  key: string,
  seed: Uint8Array,
): LinkIdentity {
  const text = (field: string) => String(enrolled[field]);
  return {
    envoyId: text("envoy_id"),
    serverId: text("server_id"),
    servers: [`127.0.0.1:${text("grpc_port")}`],
    certificate: text("certificate"),
    key,
    ca: text("ca"),
    seed,
  };
}

const outcomes = { ok: 1, changed: 2, failed: 3 } as const;
const causes = { intent: 1, drift: 2, upstream: 3 } as const;

interface Told {
  readonly key: string;
  readonly type?: string;
  readonly cause?: keyof typeof causes;
  readonly from?: string;
  readonly failed?: true;
}

/** A run as it travels; each resource changed one field, or failed. */
export const toldRun = (number: number, at: number, resources: readonly Told[]) => {
  const failed = resources.some((resource) => resource.failed);
  const changed = resources.some((resource) => resource.cause !== undefined);
  return {
    report: {
      case: "run" as const,
      value: {
        number: BigInt(number),
        policyVersion: 7n,
        startedAtMs: BigInt(at),
        durationMs: 12,
        outcome: failed ? outcomes.failed : changed ? outcomes.changed : outcomes.ok,
        resources: resources.map(({ key, type = "file", cause, from, failed: not }) => ({
          key,
          type,
          outcome: not ? outcomes.failed : cause ? outcomes.changed : outcomes.ok,
          changes: cause
            ? [{ field: "content", to: "x", cause: causes[cause], ...(from ? { from } : {}) }]
            : [],
          durationMs: 3,
        })),
      },
    },
  };
};

export const toldSpan = (first: number, last: number, firstAt: number, lastAt: number) => ({
  report: {
    case: "span" as const,
    value: {
      first: BigInt(first),
      last: BigInt(last),
      firstAtMs: BigInt(firstAt),
      lastAtMs: BigInt(lastAt),
    },
  },
});
