/**
 * Speaks to the enrolment side of a server over HTTPS: first to learn its CA from anyone, then only to whom that CA vouches for.
 * Must not know what a token proves, nor where an identity is kept.
 */
import { Agent, request } from "node:https";
import { checkServerIdentity, connect, type ConnectionOptions } from "node:tls";
import type { Socket } from "node:net";
import { z } from "zod";
import { type Answer, apiRoot } from "../../core/api/endpoint.ts";
import { enroll, showCa } from "../../core/api/enroll.ts";
import { renewClient } from "../../core/api/renew.ts";
import { type Failure, failures, VigoError } from "../../core/errors.ts";
import { addressesIn, endOf } from "./addresses.ts";
import type { ProxySettings } from "./proxy.ts";
import { tunnelTo } from "./tunnel.ts";
import { serverName } from "../../core/wire/service.ts";

export type EnrolRequest = z.input<typeof enroll.body>;

/** PEM, as whoever answers there says. Only a fingerprint makes it worth anything. */
export async function fetchCa(api: string, proxy?: ProxySettings): Promise<string> {
  const anyone = { rejectUnauthorized: false };
  const answer = await send({ api, proxy, tls: anyone }, "GET", showCa.path);
  return accept(showCa.response, answer).ca;
}

export const askToEnrol = (
  api: string,
  ca: string,
  body: EnrolRequest,
  proxy?: ProxySettings,
): Promise<Answer<typeof enroll>> => askProven({ api, ca, proxy }, enroll, body);

/** For whom the certificate has ended; whoever answers has been proven by the CA that enrolment gave. */
export const askToRenew = (
  api: string,
  ca: string,
  body: z.input<typeof renewClient.body>,
  proxy?: ProxySettings,
): Promise<Answer<typeof renewClient>> => askProven({ api, ca, proxy }, renewClient, body);

interface Proven {
  readonly api: string;
  readonly ca: string;
  readonly proxy: ProxySettings | undefined;
}

async function askProven<V>(
  { api, ca, proxy }: Proven,
  {
    method,
    path,
    response,
  }: { readonly method: string; readonly path: string; response: z.ZodType<V> },
  body: object,
): Promise<V> {
  const tls: ConnectionOptions = {
    ca,
    servername: serverName,
    checkServerIdentity: (_, peer) => checkServerIdentity(serverName, peer),
  };
  const answer = await send({ api, proxy, tls }, method, path, JSON.stringify(body));
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

interface Way {
  readonly api: string;
  readonly proxy: ProxySettings | undefined;
  readonly tls: ConnectionOptions;
}

async function send(
  { api, proxy, tls }: Way,
  method: string,
  path: string,
  body?: string,
): Promise<Answered> {
  const agent = through(await tunnelTo(api, proxy), tls);
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) => reject(unreachable(api, cause));
    const headers = { accept: "application/json", "content-type": "application/json" };
    const asked = request(
      {
        ...endOf(api),
        path: `${apiRoot}${path}`,
        method,
        headers,
        timeout: 30_000,
        ...tls,
        agent,
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

/** The runtime's own way, which heeds no proxy, where there is none to heed. */
function through(tunnel: Socket | undefined, tls: ConnectionOptions): Agent | false {
  if (tunnel === undefined) return false;
  return Object.assign(new Agent({ keepAlive: false }), {
    createConnection: () => connect({ ...tls, socket: tunnel }),
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
  const { code, message, hint } = data.error;
  // Where a value travels is nothing to who typed it.
  throw new VigoError(code, message.replace(/^body: /, ""), { hint });
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
