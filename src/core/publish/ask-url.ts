/**
 * Does an address answer? One HEAD, and where that is not liked one GET of a single byte; redirects are followed by hand, so that
 * each step is looked at: no connection goes to a private address that nobody has listed, and the address that was looked at is
 * the one that is connected to. Must not know policies, nor open a socket itself: modes hand in what does.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { isIP } from "node:net";
import { isPrivate } from "../network.ts";

/** The network, as `node:dns`, `node:http` and `node:https` are. */
export interface Web {
  lookup(name: string): Promise<readonly { readonly address: string }[]>;
  http(options: RequestOptions, answered: (response: IncomingMessage) => void): ClientRequest;
  https(options: RequestOptions, answered: (response: IncomingMessage) => void): ClientRequest;
}

export interface Asking {
  readonly web: Web;
  /** May this private address be asked? */
  isListed(address: string): boolean;
  /** Why a redirect is not followed; absent: all are. */
  refuses?(from: URL, to: URL): string | undefined;
  /** Of one request. */
  readonly timeoutMs: number;
  /** Of all of them. */
  readonly signal: AbortSignal;
}

export type Answer =
  | { readonly kind: "alive" }
  /** It is not for this machine to ask. */
  | { readonly kind: "private"; readonly address: string }
  | { readonly kind: "dead"; readonly why: string };

const mostRedirects = 5;

/** `anyAnswer`: whatever the host says, as long as it is not its own failure. Never rejects for what the network does. */
export async function askUrl(text: string, anyAnswer: boolean, asking: Asking): Promise<Answer> {
  let url = urlOf(text);
  for (let step = 0; step <= mostRedirects; step++) {
    if (url === undefined) return dead(step === 0 ? "is no address" : "redirects to no address");
    const answer = await ask(url, anyAnswer, asking);
    if (answer.kind === "private" && step > 0)
      return dead(`redirects to ${url.hostname}, whose address ${answer.address} is private`);
    if (answer.kind !== "moved") return answer;
    const next = urlOf(answer.to, url);
    const why = next && asking.refuses?.(url, next);
    if (why !== undefined) return dead(why);
    url = next;
  }
  return dead(`redirects more than ${mostRedirects} times`);
}

type Step = Answer | { readonly kind: "moved"; readonly to: string };

async function ask(url: URL, anyAnswer: boolean, asking: Asking): Promise<Step> {
  const at = await addressOf(url, asking);
  if (typeof at !== "string") return at;
  const answer = await askTwice(url, at, asking);
  if (typeof answer === "string") return dead(answer);
  const { status, location } = answer;
  if (location !== undefined) return { kind: "moved", to: location };
  const isGood = anyAnswer ? status < 500 : status < 300 || status === 416;
  return isGood ? { kind: "alive" } : dead(`answers ${status}`);
}

const dead = (why: string): Answer => ({ kind: "dead", why });

function urlOf(text: string, base?: URL): URL | undefined {
  const url = base === undefined ? URL.parse(text) : URL.parse(text, base.href);
  return url !== null && ["http:", "https:"].includes(url.protocol) ? url : undefined;
}

/** The one to connect to; not known, or one of them private: none. */
async function addressOf(
  { hostname }: URL,
  { web, isListed, signal, timeoutMs }: Asking,
): Promise<string | Answer> {
  const name = hostname.replace(/^\[|\]$/g, "");
  const found = isIP(name) ? [{ address: name }] : await known(web.lookup(name), signal, timeoutMs);
  const [first] = found;
  if (first === undefined) return dead(`has no address: nobody knows ${name}`);
  const inner = found.find(({ address }) => isPrivate(address) && !isListed(address));
  return inner === undefined ? first.address : { kind: "private", address: inner.address };
}

/** A resolver says in many ways that there is no such name. */
async function known(
  lookup: ReturnType<Web["lookup"]>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Awaited<ReturnType<Web["lookup"]>>> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const ended = new Promise<readonly []>((resolve) => {
    end.addEventListener("abort", () => resolve([]), { once: true });
  });
  return Promise.race([lookup.catch(() => []), ended]);
}

interface Head {
  readonly status: number;
  readonly location: string | undefined;
}

/** "Method not allowed" and "not implemented": nothing is said about the address. */
const noHead = [405, 501];

/** Some servers know no HEAD, or answer it otherwise than a GET. */
async function askTwice(url: URL, address: string, asking: Asking): Promise<Head | string> {
  const head = await request("HEAD", url, address, asking);
  if (typeof head !== "string" && (head.status < 300 || head.location !== undefined)) return head;
  const got = await request("GET", url, address, asking);
  const counts = typeof head !== "string" && !noHead.includes(head.status);
  return typeof got === "string" && counts ? head : got;
}

function request(
  method: "HEAD" | "GET",
  url: URL,
  address: string,
  { web, signal, timeoutMs }: Asking,
): Promise<Head | string> {
  const { hostname, host, port, pathname, search, protocol, username, password } = url;
  const auth = [username, password].map(decodeURIComponent).join(":");
  const options: RequestOptions & { servername?: string } = {
    host: address,
    path: `${pathname}${search}`,
    method,
    agent: false,
    headers: { Host: host, "User-Agent": "vigo", ...(method === "GET" && { Range: "bytes=0-0" }) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    ...(port !== "" && { port }),
    ...(auth !== ":" && { auth }),
    ...(isIP(hostname) === 0 && !hostname.startsWith("[") && { servername: hostname }),
  };
  return new Promise((resolve) => {
    const send = protocol === "https:" ? web.https : web.http;
    const sent = send(options, (response) => {
      const { statusCode: status = 0, headers } = response;
      resolve({ status, location: status >= 300 && status < 400 ? headers.location : undefined });
      // What follows is not read: it may be gigabytes.
      response.destroy();
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(inWords(error, timeoutMs)));
    sent.end();
  });
}

const inWords = ({ name, code, message }: NodeJS.ErrnoException, timeoutMs: number): string =>
  name === "AbortError" || name === "TimeoutError" || code === "ABORT_ERR"
    ? `did not answer within ${timeoutMs / 1000} s`
    : `does not answer: ${message}`;
