/**
 * JSON over HTTPS from a secrets backend, within limits: 10 s, 4 MiB, no redirect (a token must not go elsewhere). Must not know
 * what is asked, nor log what is answered.
 */
import { readFile } from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import { whyUnreached } from "../../../core/unreached.ts";

export interface BackendAddress {
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** Read at each request, so that a rotated token is taken at once. */
  readonly tokenFile: string;
  /** PEM of the CA of the backend's certificate. */
  readonly ca?: string;
}

const patienceMs = 10_000;
const mostBytes = 4 * 1024 * 1024;

/** Undefined for 404, and for a path with a part `.` or `..`. Rejects with `unavailable` (not reached, 5xx, 429), `denied` (401, 403) or `failed`. */
export async function ask(
  address: BackendAddress,
  path: string,
  token: (value: string) => Readonly<Record<string, string>>,
): Promise<Json | undefined> {
  // An address is made plain on its way: with such a part it would lead out of what the backend keeps for Vigo.
  if (/\/\.{1,2}(?:[/?]|$)/.test(path)) return undefined;
  const { name, url } = address;
  const headers = { accept: "application/json", ...token(await tokenOf(address)) };
  const response = await reach(address, `${url}${path}`, { headers });
  if (response.status === 404) return undefined;
  if (response.status === 401 || response.status === 403)
    throw new VigoError(
      "denied",
      `${name} refuses the server's token (${response.status} at ${path})`,
      {
        hint: `renew the token in ${address.tokenFile}, or allow it to read and list there`,
      },
    );
  if (!response.ok)
    throw new VigoError(
      response.status >= 500 || response.status === 429 ? "unavailable" : "failed",
      `${name} answers ${response.status} at ${path}`,
      { hint: response.status === 503 ? notReady : `is secrets.url right? It is ${url}` },
    );
  return parsed(name, path, await textOf(response, name));
}

const notReady = "it is up, and says that it is not ready: is it sealed, or in maintenance?";

async function reach({ name, url, ca }: BackendAddress, at: string, init: RequestInit) {
  try {
    return await fetch(at, {
      ...init,
      redirect: "error",
      signal: AbortSignal.timeout(patienceMs),
      ...(ca !== undefined && { tls: { ca } }),
    });
  } catch (cause) {
    throw new VigoError("unavailable", `${name} is not reached: ${whyUnreached(cause)}`, {
      cause,
      hint: `is it up, and is secrets.url right? It is ${url}`,
    });
  }
}

async function textOf(response: Response, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > mostBytes)
      throw new VigoError("limited", `${name} answers with more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

function parsed(name: string, path: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // The text may hold a secret, and stays out of the message.
    throw new VigoError("failed", `${name} answers with something that is not JSON at ${path}`);
  }
}

async function tokenOf({ name, tokenFile }: BackendAddress): Promise<string> {
  try {
    return (await readFile(tokenFile, "utf8")).trim();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VigoError("failed", `the token for ${name} cannot be read: ${why}`, {
      cause,
      hint: "secrets.token_file names a file that only the server's user may read",
    });
  }
}
