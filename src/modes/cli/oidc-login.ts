/**
 * Logs in through the browser, at the provider that the server knows: a listener on this machine gets a code for one use, which is
 * changed for a token with a verifier that never left this process (RFC 8252, RFC 7636). Must not know how a page is opened.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { loginByCode } from "../../core/api/auth.ts";
import { VigoError } from "../../core/errors.ts";
import { jsonIn } from "../../core/text/json-in.ts";
import { refusal } from "./client.ts";
import { secured } from "./connection.ts";
import { loginFile, writeLogin } from "./login-file.ts";
import { type Credentials, provenServer } from "./login.ts";

export interface Browsing extends Pick<
  Credentials,
  "url" | "caFile" | "fingerprint" | "expires" | "env" | "confirm"
> {
  /** Shows a page to the person; what it opens ends at our listener. */
  show(url: string): void;
  readonly patienceMs: number;
}

export async function loggedInByBrowser(given: Browsing) {
  const { server, ca, call } = await provenServer(given);
  await mustHaveProvider(server, ca);
  const [verifier, state] = [word(), word()];
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const code = await codeFrom(state, given.patienceMs, (port) =>
    given.show(`${server}/auth/oidc/login?program=${port}.${challenge}.${state}`),
  );
  const body = { code, verifier, expires: given.expires, label: "vigo cli" };
  const { token, expires_at, role, name } = await call(loginByCode, { params: {}, body });
  await writeLogin(loginFile(given.env), { server, token, ca, expires_at });
  return { server, name, role, expires_at };
}

/** Nobody is sent to a page that leads nowhere. Rejects as the server does. */
async function mustHaveProvider(url: string, ca: string | undefined): Promise<void> {
  const { send = fetch } = secured({ url }, ca);
  const answer = await send(`${url}/auth/oidc/login`, { redirect: "manual" });
  const text = await answer.text();
  if (answer.status >= 400) throw refusal(answer.status, jsonIn(text));
}

const word = (): string => randomBytes(32).toString("base64url");

/** What comes back with our state; whatever else knocks is turned away. Rejects with `denied` when nobody came in time. */
async function codeFrom(
  state: string,
  patienceMs: number,
  listening: (port: number) => void,
): Promise<string> {
  const come = Promise.withResolvers<string>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url, method }) => {
      const asked = new URL(url).searchParams;
      const code = asked.get("code") ?? "";
      const isOurs = method === "GET" && isSame(asked.get("state") ?? "", state) && code !== "";
      if (!isOurs) return page("This is not the login that was begun here.", 400);
      come.resolve(code);
      return page("You are logged in. This page may be closed.", 200);
    },
  });
  const timer = setTimeout(() => {
    const hint = "the page has to be opened in a browser on this very machine";
    come.reject(new VigoError("denied", "nobody logged in in time", { hint }));
  }, patienceMs);
  try {
    listening(server.port ?? 0);
    return await come.promise;
  } finally {
    clearTimeout(timer);
    await server.stop();
  }
}

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();

const isSame = (a: string, b: string): boolean => timingSafeEqual(hashOf(a), hashOf(b));

const page = (words: string, status: number): Response =>
  new Response(`<!doctype html><title>Vigo</title><p>${words}</p>\n`, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'",
      "cache-control": "no-store",
      connection: "close",
    },
  });
