/**
 * The way to the OIDC provider and back: authorization code with PKCE, state and nonce. Two pages of a browser, outside of the
 * API. Must not know how claims are proven, nor what a role may do.
 */
import { VigoError } from "../../../../core/errors.ts";
import type { Log } from "../../../../core/log.ts";
import type { App, Call } from "../../http/implement.ts";
import type { Limiter } from "../../http/limiter.ts";
import type { Store } from "../../store/store.ts";
import { cookie, cookieIn, newSession } from "../sessions.ts";
import type { OidcSettings } from "../settings.ts";
import { admit } from "./admit.ts";
import { Attempts, type Destination, longestAttemptMs } from "./attempts.ts";
import type { LoginCodes } from "./login-codes.ts";
import { OidcProvider } from "./provider.ts";

export interface OidcDeps {
  readonly store: Pick<Store, "users" | "sessions">;
  readonly loginCodes: Pick<LoginCodes, "give">;
  readonly limiter: Limiter;
  readonly log: Log;
  readonly now: () => number;
  /** As `server.yaml` says now; undefined when people log in otherwise. */
  readonly oidc: () => OidcSettings | undefined;
  /** `https://vigo.example.org:8443` */
  readonly ownAddress: () => string;
}

const callbackPath = "/auth/oidc/callback";
const attemptCookie = "__Host-vigo-oidc";

export function oidcRoutes(app: App, deps: OidcDeps): void {
  const provider = new OidcProvider(() => settingsOf(deps), deps.now);
  const attempts = new Attempts(deps.now);
  app.get("/auth/oidc/login", async (context) => {
    const settings = settingsOf(deps);
    deps.limiter.take(context.env?.address ?? "");
    const to = program(context) ?? ownPath(context.req.query("to"));
    const { authorization_endpoint } = await provider.document();
    const { state, nonce, challenge, binding } = attempts.begin(to);
    const target = new URL(authorization_endpoint);
    const asked = {
      response_type: "code",
      client_id: settings.client_id,
      redirect_uri: redirectUrl(settings, deps),
      scope: settings.scopes,
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(asked)) target.searchParams.set(name, value);
    return redirect(target.href, cookie(attemptCookie, binding, longestAttemptMs));
  });
  app.get(callbackPath, async (context) => {
    deps.limiter.take(context.env?.address ?? "");
    return comeBack(context, deps, provider, attempts);
  });
}

async function comeBack(
  context: Call,
  deps: OidcDeps,
  provider: OidcProvider,
  attempts: Attempts,
): Promise<Response> {
  const settings = settingsOf(deps);
  const { state = "", code = "", error, iss } = context.req.query();
  const attempt = attempts.end(state, cookieIn(context.req.header("cookie"), attemptCookie));
  if (attempt === undefined)
    throw new VigoError("denied", "this login was not begun here, or took too long", {
      hint: "begin again at /auth/oidc/login",
    });
  const { authorization_response_iss_parameter_supported: saysWho } = await provider.document();
  // RFC 9207: another provider's answer must not be taken to this one.
  if ((saysWho || iss !== undefined) && iss !== settings.issuer)
    throw new VigoError("denied", "the answer is from another provider");
  if (error !== undefined)
    throw new VigoError("denied", `the provider refused: ${error.slice(0, 100)}`);
  const { verifier, nonce, to } = attempt;
  const redirected = redirectUrl(settings, deps);
  const claims = await provider.claims({ code, verifier, nonce, redirectUrl: redirected });
  const user = await admit(deps, settings, claims);
  if (typeof to !== "string") return toProgram(deps, user.name, to);
  const session = newSession(user.name, deps.now());
  const detail = { session: session.row.id, address: context.env?.address ?? "", by: "oidc" };
  const act = { at: deps.now(), actor: user.name, action: "user.login", subject: user.name };
  await deps.store.sessions.insert(session.row, { ...act, detail });
  return redirect(to, session.cookie, cookie(attemptCookie, "", 0));
}

/** A login that a program began: it listens on a port of the person's own machine, and on no other. */
function program({ req }: Call): Exclude<Destination, string> | undefined {
  const written = req.query("program");
  if (written === undefined) return undefined;
  const [, port = "", challenge = "", state = ""] =
    /^(\d{4,5})\.([\w-]{43})\.([\w-]{43})$/.exec(written) ?? [];
  if (Number(port) >= 1_024 && Number(port) <= 65_535)
    return { port: Number(port), challenge, state };
  throw new VigoError("invalid", "query: program: is a port, a challenge and a state", {
    hint: "vigo cli login --oidc makes it",
  });
}

/** The browser gets no session: it only carries the code. */
function toProgram(
  { loginCodes }: OidcDeps,
  user: string,
  { port, challenge, state }: Exclude<Destination, string>,
): Response {
  const code = loginCodes.give(user, challenge);
  const there = `http://127.0.0.1:${port}/?${new URLSearchParams({ code, state })}`;
  return redirect(there, cookie(attemptCookie, "", 0));
}

function settingsOf({ oidc }: OidcDeps): OidcSettings {
  const settings = oidc();
  if (settings !== undefined) return settings;
  throw new VigoError("missing", "nobody logs in through an OIDC provider here", {
    hint: "auth.method in server.yaml",
  });
}

const redirectUrl = ({ redirect_url }: OidcSettings, { ownAddress }: OidcDeps): string =>
  redirect_url ?? `${ownAddress()}${callbackPath}`;

/** A path of this server and nothing that a browser takes for another host. */
function ownPath(to = "/"): string {
  const here = "https://here.invalid";
  const isPath = /^\/[\x21-\x7e]{0,500}$/.test(to) && !to.includes("\\");
  if (isPath && URL.canParse(to, here) && new URL(to, here).origin === here) return to;
  throw new VigoError("invalid", "query: to: must be a path of this server");
}

function redirect(to: string, ...cookies: readonly string[]): Response {
  const headers = new Headers({ location: to });
  for (const one of cookies) headers.append("set-cookie", one);
  return new Response(null, { status: 303, headers });
}
