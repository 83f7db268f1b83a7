/**
 * What is asked of an OpenID provider: its discovery document, its keys, tokens for a code, more claims. Must not know logins,
 * nor what a claim means here.
 */
import { z } from "zod";
import { VigoError } from "../../../../core/errors.ts";
import { jsonIn } from "../../../../core/text/json-in.ts";
import { whyUnreached } from "../../../../core/unreached.ts";
import type { OidcSettings } from "../settings.ts";
import { type Claims, claimsOf, keySet, type ProviderKey } from "./id-token.ts";

const secure = z.string().regex(/^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/])/);

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: secure,
  token_endpoint: secure,
  jwks_uri: secure,
  userinfo_endpoint: secure.optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).default(["client_secret_basic"]),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});

export type Discovered = z.output<typeof discovery>;

const tokens = z.object({ id_token: z.string(), access_token: z.string() });

const mostBytes = 1024 * 1024;
const patienceMs = 10_000;
/** Documents and keys are read anew after this, and keys at once when one is unknown. */
const freshMs = 10 * 60_000;

type Provider = Pick<OidcSettings, "issuer" | "client_id" | "client_secret">;

interface Known {
  readonly at: number;
  readonly issuer: string;
  readonly document: Discovered;
  readonly keys: readonly ProviderKey[];
}

export interface Exchange {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUrl: string;
  readonly nonce: string;
}

export class OidcProvider {
  readonly #settings: () => Provider;
  readonly #now: () => number;
  #known: Known | undefined;

  constructor(settings: () => Provider, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  async document(): Promise<Discovered> {
    return (await this.#read()).document;
  }

  /** The claims of the person who came back with a code: those of the ID token, and those that only userinfo has. */
  async claims(exchange: Exchange): Promise<Claims> {
    const { document } = await this.#read();
    const { id_token, access_token } = await this.#exchange(document, exchange);
    const own = await this.#verified(id_token, exchange.nonce);
    if (document.userinfo_endpoint === undefined) return own;
    const more = await answered(document.userinfo_endpoint, z.looseObject({ sub: z.string() }), {
      headers: { authorization: `Bearer ${access_token}` },
    });
    if (more.sub !== own.sub) throw unfit("its userinfo is about somebody else");
    return { ...more, ...own };
  }

  async #verified(idToken: string, nonce: string): Promise<Claims> {
    const { issuer, client_id: clientId } = this.#settings();
    const expected = { issuer, clientId, nonce, now: this.#now() };
    const found = claimsOf(idToken, (await this.#read()).keys, expected);
    if (found !== undefined) return found;
    // It may have a new key.
    const again = claimsOf(idToken, (await this.#read(true)).keys, expected);
    if (again === undefined) throw unfit("no key of it has signed its ID token");
    return again;
  }

  async #exchange(document: Discovered, { code, verifier, redirectUrl }: Exchange) {
    const { client_id, client_secret } = this.#settings();
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUrl,
      code_verifier: verifier,
    });
    const headers = new Headers();
    const methods = document.token_endpoint_auth_methods_supported;
    if (client_secret === undefined) form.set("client_id", client_id);
    else if (methods.includes("client_secret_basic"))
      headers.set("authorization", basic(client_id, client_secret));
    else {
      form.set("client_id", client_id);
      form.set("client_secret", client_secret);
    }
    return answered(document.token_endpoint, tokens, { method: "POST", headers, body: form });
  }

  async #read(anew = false): Promise<Known> {
    const { issuer } = this.#settings();
    const now = this.#now();
    const known = this.#known;
    if (!anew && known?.issuer === issuer && known.at + freshMs > now) return known;
    const place = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const document = await answered(place, discovery);
    if (document.issuer !== issuer) throw unfit(`it calls itself ${document.issuer}`);
    const { keys } = await answered(document.jwks_uri, keySet);
    this.#known = { at: now, issuer, document, keys };
    return this.#known;
  }
}

/** RFC 6749, 2.3.1: both are form-encoded before they are joined. */
function basic(id: string, secret: string): string {
  const form = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  return `Basic ${Buffer.from(`${form(id)}:${form(secret)}`).toString("base64")}`;
}

async function answered<S extends z.ZodType>(
  url: string,
  shape: S,
  init: RequestInit = {},
): Promise<z.output<S>> {
  const response = await fetch(url, {
    ...init,
    redirect: "error",
    signal: AbortSignal.timeout(patienceMs),
  }).catch((cause: unknown) => {
    throw unfit(`${new URL(url).host} cannot be reached: ${whyUnreached(cause)}`, cause);
  });
  const text = await limited(response, url);
  if (!response.ok) throw unfit(`${url} answered ${response.status}: ${reason(text)}`);
  const result = shape.safeParse(jsonIn(text));
  if (result.success) return result.data;
  throw unfit(`${url} answered in an unknown shape`, result.error);
}

async function limited(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > mostBytes) throw unfit(`${url} answered with more than ${mostBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Of a refusal (RFC 6749, 5.2) only the code word: the rest may repeat what was sent. */
function reason(text: string): string {
  const { data } = z.object({ error: z.string().max(100) }).safeParse(jsonIn(text));
  return data?.error ?? "no reason given";
}

const unfit = (why: string, cause?: unknown) =>
  new VigoError("unavailable", `the OIDC provider: ${why}`, {
    hint: "an admin looks at auth.oidc in server.yaml; on the server's own host the CLI needs no login",
    cause,
  });
