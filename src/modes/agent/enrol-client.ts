/**
 * Speaks to the enrolment side of a server over HTTPS: first to learn its CA from anyone, then only to whom that CA vouches for.
 * Must not know what a token proves, nor where an identity is kept.
 */
import { request } from "node:https";
import { checkServerIdentity } from "node:tls";
import { z } from "zod";
import { type Answer, apiRoot } from "../../core/api/endpoint.ts";
import { enroll, showCa } from "../../core/api/enroll.ts";
import { renewClient } from "../../core/api/renew.ts";
import { type Failure, failures, VigoError } from "../../core/errors.ts";
import { addressesIn } from "./addresses.ts";
import { serverName } from "../../core/wire/service.ts";

export type EnrolRequest = z.input<typeof enroll.body>;

/** PEM, as whoever answers there says. Only a fingerprint makes it worth anything. */
export async function fetchCa(api: string): Promise<string> {
  const answer = await send(api, "GET", showCa.path, undefined, { rejectUnauthorized: false });
  return accept(showCa.response, answer).ca;
}

export const askToEnrol = (
  api: string,
  ca: string,
  body: EnrolRequest,
): Promise<Answer<typeof enroll>> => askProven(api, ca, enroll, body);

/** For whom the certificate has ended; whoever answers has been proven by the CA that enrolment gave. */
export const askToRenew = (
  api: string,
  ca: string,
  body: z.input<typeof renewClient.body>,
): Promise<Answer<typeof renewClient>> => askProven(api, ca, renewClient, body);

async function askProven<V>(
  api: string,
  ca: string,
  {
    method,
    path,
    response,
  }: { readonly method: string; readonly path: string; response: z.ZodType<V> },
  body: object,
): Promise<V> {
  const answer = await send(api, method, path, JSON.stringify(body), {
    ca,
    servername: serverName,
    checkServerIdentity: (_: string, peer: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(serverName, peer),
  });
  return accept(response, answer);
}

/** `a:8443,b:8443`: what the first of them answers that can be reached. */
export async function atOneOf<T>(servers: string, ask: (api: string) => Promise<T>): Promise<T> {
  let failure = new VigoError("invalid", "--server is HOST:8443, or several with commas");
  for (const api of addressesIn(servers)) {
    try {
      return await ask(api);
    } catch (error) {
      if (!(error instanceof VigoError) || error.failure !== "unavailable") throw error;
      failure = error;
    }
  }
  throw failure;
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

/** No honest answer is longer. */
const maxAnswer = 256 * 1024;

function send(
  api: string,
  method: string,
  path: string,
  body: string | undefined,
  tls: object,
): Promise<Answered> {
  const { hostname, port } = new URL(`https://${api}`);
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) => reject(unreachable(api, cause));
    const headers = { accept: "application/json", "content-type": "application/json" };
    const asked = request(
      {
        // An IPv6 address stands in brackets in a URL, and without them in a socket's address.
        host: hostname.replace(/^\[|\]$/g, ""),
        port: port === "" ? 443 : Number(port),
        path: `${apiRoot}${path}`,
        method,
        headers,
        timeout: 30_000,
        agent: false,
        ...tls,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > maxAnswer) asked.destroy(new Error("the answer is too long"));
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", failed);
      },
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer within 30 s")));
    asked.on("error", failed);
    asked.end(body);
  });
}

const unreachable = (api: string, cause: unknown) =>
  new VigoError(
    "unavailable",
    `cannot reach ${api}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { hint: "--server is HOST:8443 of a Vigo server; is it up, and is the port open?", cause },
  );

const refused = z.object({
  error: z.object({
    code: z.enum(Object.keys(failures) as [Failure, ...Failure[]]),
    message: z.string(),
    hint: z.string().exactOptional(),
  }),
});

function accept<V>(schema: z.ZodType<V>, { status, text }: Answered): V {
  const json = fromJson(text, status);
  if (status >= 200 && status < 300) {
    const answer = schema.safeParse(json);
    if (answer.success) return answer.data;
    throw new VigoError("failed", "the server answered in an unknown shape", {
      hint: "is this agent older than the server?",
      cause: answer.error,
    });
  }
  const { data } = refused.safeParse(json);
  if (data === undefined) throw new VigoError("unavailable", `HTTP ${status}, and not from Vigo`);
  throw new VigoError(data.error.code, data.error.message, { hint: data.error.hint });
}

function fromJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VigoError("unavailable", `HTTP ${status}, and not from Vigo`, {
      hint: "is there a proxy in between?",
      cause,
    });
  }
}
