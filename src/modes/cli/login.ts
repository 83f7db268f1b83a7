/**
 * Logs in: the CA is pinned by a fingerprint that a person or a script has from elsewhere, and only then the password goes
 * anywhere. Must not know how either is asked for.
 */
import { createHash, X509Certificate } from "node:crypto";
import { login } from "../../core/api/auth.ts";
import { showCa } from "../../core/api/enroll.ts";
import { VigoError } from "../../core/errors.ts";
import { coded } from "./coded.ts";
import { client } from "./client.ts";
import { address, caIn, secured } from "./connection.ts";
import { loginFile, writeLogin } from "./login-file.ts";

export interface Credentials {
  readonly url: string;
  readonly caFile?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly name: string;
  /** Asked for once the server has proven itself. */
  readonly password: () => Promise<string>;
  readonly code: string | undefined;
  readonly expires: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the authenticator shows, when the server wants it. */
  askCode(): Promise<string | undefined>;
  /** Is this the right CA? */
  confirm(fingerprint: string): Promise<boolean>;
}

/** The server, and how to call it: proven before anything else is said. */
export async function provenServer(
  given: Pick<Credentials, "url" | "caFile" | "fingerprint" | "confirm">,
) {
  const server = address(given.url);
  const ca = given.caFile === undefined ? await pinned(server, given) : await caIn(given.caFile);
  return { server, ca, call: client(secured({ url: server }, ca)) };
}

export async function loggedIn(given: Credentials) {
  const { server, ca, call } = await provenServer(given);
  const { name, expires } = given;
  const password = await given.password();
  const body = { name, password, expires, label: "vigo cli" };
  const { token, expires_at, role } = await coded(given.code, given.askCode, (code) =>
    call(login, { params: {}, body: { ...body, ...code } }),
  );
  await writeLogin(loginFile(given.env), { server, token, ca, expires_at });
  return { server, name, role, expires_at };
}

/** The CA is public: it is fetched from whoever answers, and taken only when its fingerprint is the right one. */
async function pinned(
  server: string,
  { fingerprint, confirm }: Pick<Credentials, "fingerprint" | "confirm">,
): Promise<string> {
  const anyone = {
    ...secured({ url: server }, undefined),
    send: (url: string, init: RequestInit) =>
      fetch(url, {
        ...init,
        tls: { rejectUnauthorized: false },
        signal: AbortSignal.timeout(30_000),
      }),
  };
  const { ca } = await client(anyone)(showCa, { params: {} });
  const actual = fingerprintOf(ca);
  const right =
    fingerprint === undefined
      ? await confirm(actual)
      : fingerprint.toLowerCase().replaceAll(":", "") === actual;
  if (right) return ca;
  throw new VigoError(
    "denied",
    `the CA of ${server} was not accepted: its fingerprint is ${actual}`,
    {
      hint: "--ca-fingerprint takes what `vigo cli server status` shows on the server's own host",
    },
  );
}

/** sha256 of the certificate's DER, lower-case hex. */
const fingerprintOf = (pem: string): string =>
  createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");
