/**
 * Fetches a body over HTTP: a limit on its size, on every wait and on attempts; a broken transfer goes on where it stopped;
 * the sha256 is proven at the end. Must not know what it is for, nor where it goes.
 */
import { createHash } from "node:crypto";
import { VigoError } from "../../../core/errors.ts";

export interface FetchLimits {
  /** Bytes of one body (d: 8 GiB). */
  readonly mostBytes?: number;
  /** Silence from the other side (d: 30 s). */
  readonly silenceMs?: number;
  /** Attempts to go on after a break (d: 5). */
  readonly attempts?: number;
}

interface Wanted {
  readonly sha256?: string;
  readonly resume?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Transfer {
  readonly url: string;
  readonly wanted: Wanted;
  readonly silenceMs: number;
  readonly mostBytes: number;
  done: number;
  /** What the other side calls this version of the body, so that no two versions are mixed. */
  version: string | undefined;
}

interface Body {
  read(): Promise<{ readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** Rejects at once when the URL does not answer; the stream errors when it breaks off, is too long, or has another sha256. */
export async function fetchBody(
  url: string,
  wanted: Wanted,
  { mostBytes = 8 * 1024 ** 3, silenceMs = 30_000, attempts = 5 }: FetchLimits = {},
): Promise<ReadableStream<Uint8Array>> {
  if (!/^https?:\/\//.test(url))
    throw new VigoError("invalid", `cannot fetch ${url}: only http and https are known`);
  const transfer: Transfer = { url, wanted, silenceMs, mostBytes, done: 0, version: undefined };
  const hash = createHash("sha256");
  const attempt: Attempt = {
    transfer,
    body: await open(transfer),
    left: wanted.resume === true ? attempts : 0,
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await persevere(attempt);
      if (part === undefined) {
        prove(hash.digest("hex"), transfer);
        controller.close();
        return;
      }
      hash.update(part);
      controller.enqueue(part);
    },
    cancel: () => attempt.body?.cancel(),
  });
}

interface Attempt {
  readonly transfer: Transfer;
  body: Body | undefined;
  /** How often it may be begun again. */
  left: number;
}

/** The next bytes, after a break those that follow what is here already; undefined at the end. */
async function persevere(attempt: Attempt): Promise<Uint8Array | undefined> {
  const { transfer } = attempt;
  for (;;) {
    try {
      attempt.body ??= await open(transfer);
      return await next(attempt.body, transfer);
    } catch (error) {
      if (attempt.left === 0 || !(error instanceof VigoError) || error.failure !== "unavailable")
        throw error;
      attempt.left -= 1;
      attempt.body = undefined;
    }
  }
}

async function open(transfer: Transfer): Promise<Body> {
  const { url, wanted, done, version } = transfer;
  const going =
    done > 0 ? { Range: `bytes=${done}-`, ...(version && { "If-Range": version }) } : {};
  const response = await within(transfer, (signal) =>
    fetch(url, { headers: { ...wanted.headers, ...going }, signal }),
  );
  if (response.body === null || !response.ok) throw refused(url, response.status);
  transfer.version ??= strong(response.headers.get("etag"));
  const body: Body = response.body.getReader();
  if (done === 0 || response.status === 206) return body;
  await body.cancel();
  throw new VigoError("failed", `cannot go on fetching ${url}: it changed, or has no ranges`, {
    hint: "the next run fetches it from the start",
  });
}

/** A weak etag says that two bodies mean the same, not that they are the same. */
const strong = (etag: string | null) => (etag?.startsWith('"') ? etag : undefined);

async function next(body: Body, transfer: Transfer): Promise<Uint8Array | undefined> {
  const { value } = await within(transfer, () => body.read());
  if (value === undefined) return undefined;
  transfer.done += value.length;
  if (transfer.done > transfer.mostBytes)
    throw new VigoError("limited", `${transfer.url} is larger than ${transfer.mostBytes} bytes`);
  return value;
}

async function within<T>(
  transfer: Transfer,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { url, silenceMs } = transfer;
  const limit = new AbortController();
  const timer = Promise.withResolvers<never>();
  const alarm = setTimeout(() => {
    limit.abort();
    timer.reject(unreachable(url, `nothing came for ${silenceMs / 1000} s`));
  }, silenceMs);
  try {
    return await Promise.race([work(limit.signal), timer.promise]);
  } catch (error) {
    if (error instanceof VigoError) throw error;
    throw unreachable(url, error instanceof Error ? error.message : String(error), error);
  } finally {
    clearTimeout(alarm);
  }
}

const unreachable = (url: string, why: string, cause?: unknown) =>
  new VigoError("unavailable", `cannot fetch ${url}: ${why}`, {
    hint: "is the address right, and is it reachable from this machine (curl -I)?",
    cause,
  });

const refused = (url: string, status: number) =>
  new VigoError(
    status >= 500 || status === 429 ? "unavailable" : "failed",
    `cannot fetch ${url}: the server answered ${status}`,
    { hint: "look at the address, and at what it needs to be allowed" },
  );

function prove(found: string, { url, wanted: { sha256 } }: Transfer): void {
  if (sha256 === undefined || sha256.toLowerCase() === found) return;
  throw new VigoError(
    "failed",
    `${url} is not the file that was declared: its sha256 is ${found}`,
    {
      hint: "did its publisher change it? Then look at it and change sha256",
    },
  );
}
