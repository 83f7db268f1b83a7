/**
 * Port 8443: HTTPS, with a certificate that can be changed while it listens. Must not know what is answered.
 */
import type { Listen } from "../config/fields.ts";
import type { ServerCertificate } from "../trust/server-certificate.ts";

/** What answers a request; Hono's `fetch` is one. */
export type Answerer = (
  request: Request,
  connection: { readonly address: string; wait(seconds: number): void },
) => Response | Promise<Response>;

export interface Listener {
  readonly port: number;
  /** New connections get this one; those that are open stay until they end. */
  rotate(certificate: ServerCertificate): void;
  /** Lets the requests under way finish for a while, then cuts. */
  close(graceMs?: number): Promise<void>;
}

/** Bodies are limited where they are read, by endpoint; this is only the most that any of them takes. */
const mostBody = 96 * 1024 * 1024;

/** Rejects with the system's error when the address is taken or not ours. */
export async function listenHttps(
  where: Listen,
  first: ServerCertificate,
  answer: Answerer,
): Promise<Listener> {
  if (where.port !== 0) await probe(where);
  let server = start(where, first, answer);
  const port = server.port ?? where.port;
  const former = new Set<typeof server>();
  return {
    port,
    // Bun keeps the old certificate on reload: a second listener shares the port, then the first one ends. Its end is not
    // waited for, because it may be a request over it that changes the certificate.
    rotate: (certificate) => {
      const before = server;
      server = start({ ...where, port }, certificate, answer);
      former.add(before);
      void before.stop().then(() => former.delete(before));
    },
    close: async (graceMs = 5_000) => {
      await Promise.all([server, ...former].map((one) => stop(one, graceMs)));
    },
  };
}

function start({ host, port }: Listen, { certificate, key }: ServerCertificate, answer: Answerer) {
  return Bun.serve({
    port,
    ...(host === undefined ? {} : { hostname: host }),
    reusePort: true,
    development: false,
    idleTimeout: 30,
    maxRequestBodySize: mostBody,
    tls: { cert: certificate, key },
    fetch: async (request, server) => {
      const address = server.requestIP(request)?.address ?? "";
      const connection = {
        address: address.replace(/^::ffff:(?=\d+\.)/, ""),
        wait: (seconds: number) => server.timeout(request, seconds),
      };
      return guarded(await answer(request, connection));
    },
  });
}

/** A shared port would not tell us that somebody else listens there. */
async function probe({ host, port }: Listen): Promise<void> {
  const hostname = host === undefined ? {} : { hostname: host };
  await Bun.serve({ port, ...hostname, fetch: () => new Response() }).stop(true);
}

const headers = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Every answer, whatever it is, says what a browser may make of it; an answer's own word comes first. */
function guarded(response: Response): Response {
  for (const [name, value] of Object.entries(headers))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}

async function stop(server: ReturnType<typeof start>, graceMs: number): Promise<void> {
  const timer = setTimeout(() => void server.stop(true), graceMs);
  await server.stop();
  clearTimeout(timer);
}
