/**
 * Which server is meant, and how it proves itself and we do: flag, then environment, then `--home` on the server's own host,
 * then the login that was kept, then the default home. Must not know what is asked of the server.
 */
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { z } from "zod";
import { VigoError } from "../../core/errors.ts";
import { serverName } from "../../core/wire/service.ts";
import { type Server, unreachable } from "./client.ts";
import { defaultHome, type Wanted } from "./flags.ts";
import { loginFile, readIfThere, readLogin } from "./login-file.ts";
import { readNamed } from "./named-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Rejects with what is missing and where it would come from. */
export async function findServer(wanted: Wanted, env: Environment): Promise<Server> {
  const url = wanted.server ?? env["VIGO_SERVER"];
  const file = loginFile(env);
  if (url !== undefined) return named(address(url), wanted, env, file);
  if (wanted.home !== undefined) return onThisHost(wanted.home);
  const kept = await readLogin(file);
  if (kept !== undefined) return secured({ url: kept.server, token: kept.token }, kept.ca);
  if ((await readToken(defaultHome)) !== undefined) return onThisHost(defaultHome);
  throw new VigoError("invalid", "no server is known", {
    hint: "vigo cli login --server https://HOST:8443; on the server's own host: --home FOLDER",
  });
}

/** The CA that a person has named. Rejects with `missing` or `invalid`. */
export async function caIn(file: string): Promise<string> {
  const text = await readNamed(file);
  try {
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new VigoError("invalid", `${file} holds no certificate in PEM`, {
      hint: "copy tls/ca.pem of the server's home",
      cause,
    });
  }
}

/** Takes a host without scheme or port too. */
export function address(written: string): string {
  const full = /^https?:\/\//.test(written) ? written : `https://${written}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || url.protocol !== "https:" || url.pathname !== "/")
    throw new VigoError("invalid", `"${written}" is no address of a server`, {
      hint: "https://HOST:8443",
    });
  const port = url.port === "" && !/:443\/?$/.test(written) ? "8443" : url.port || "443";
  return `https://${url.hostname}:${port}`;
}

async function named(url: string, wanted: Wanted, env: Environment, file: string): Promise<Server> {
  const kept = await readLogin(file);
  const known = kept?.server === url ? kept : undefined;
  const local = wanted.home === undefined ? undefined : await onThisHost(wanted.home);
  const token = wanted.token ?? env["VIGO_TOKEN"] ?? known?.token ?? local?.token;
  const caFile = wanted.caFile ?? env["VIGO_CA_FILE"];
  const ca = caFile === undefined ? (known?.ca ?? local?.ca) : await caIn(caFile);
  return secured(token === undefined ? { url } : { url, token }, ca);
}

const ports = z.object({ api: z.int().min(1).max(65_535) });

/** The server whose home lies on this very machine. */
async function onThisHost(home: string): Promise<Server> {
  const token = await readToken(home);
  if (token === undefined)
    throw new VigoError("missing", `${home} has no local-admin.token`, {
      hint: "it is made when the server starts; is this the server's --home?",
    });
  const running = await readIfThere(join(home, "run", "ports.json"));
  if (running === undefined)
    throw new VigoError("unavailable", `the server in ${home} is not running`, {
      hint: `vigo server run --home ${home}`,
    });
  const { api } = ports.parse(JSON.parse(running));
  const ca = await readNamed(join(home, "tls", "ca.pem"));
  return secured({ url: `https://localhost:${api}`, token }, ca);
}

async function readToken(home: string): Promise<string | undefined> {
  try {
    return (await readIfThere(join(home, "local-admin.token")))?.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    throw new VigoError("denied", `${home} belongs to another user`, {
      hint: "run it as root, or log in: vigo cli login --server https://HOST:8443",
      cause: error,
    });
  }
}

/**
 * With a pinned CA its certificate must name the fixed name of every Vigo server, or the host of the address: then the
 * address may be any. Without one the system's authorities decide.
 */
export function secured(server: Pick<Server, "url" | "token">, ca: string | undefined): Server {
  const { hostname } = new URL(server.url);
  const identity = (_: string, certificate: PeerCertificate) =>
    checkServerIdentity(serverName, certificate) === undefined
      ? undefined
      : checkServerIdentity(hostname, certificate);
  const tls = ca === undefined ? {} : { ca, checkServerIdentity: identity };
  return {
    ...server,
    ...(ca === undefined ? {} : { ca }),
    send: (url, init) => fetch(url, { signal: AbortSignal.timeout(60_000), ...init, tls }),
    refused: (url, cause) => unreachable(url, why(cause, ca), cause),
  };
}

/** What the failures of fetch mean to a person. */
function why(cause: unknown, ca: string | undefined): readonly [string, string] {
  const code = (cause as { readonly code?: unknown }).code;
  const text = typeof code === "string" ? code : String(cause);
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER/.test(text))
    return ca === undefined
      ? [
          "its certificate is not from an authority this machine knows",
          "vigo cli login, or --ca-file FILE",
        ]
      : [
          "its certificate is not from the CA that was pinned",
          "is it the right server? if its CA is new: vigo cli login",
        ];
  if (text === "ECONNREFUSED")
    return ["nobody listens there", "is the server running? --server or VIGO_SERVER names another"];
  if (text === "ENOTFOUND") return ["no such host", "--server or VIGO_SERVER names another"];
  if ((cause as { readonly name?: unknown }).name === "TimeoutError")
    return ["no answer in time", "is the server overloaded, or a firewall in between?"];
  return [text, "--server or VIGO_SERVER names another"];
}
