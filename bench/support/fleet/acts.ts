/** Acts on the whole fleet through the API, each timed until the last envoy has answered. Must not know how envoys answer. */
import { type Snapshot, percentile } from "./figures.ts";

/** A server's API, and who may do all of it. */
export interface Api {
  readonly url: string;
  readonly ca: string;
  readonly bearer: string;
}

export interface Act {
  readonly name: string;
  /** Milliseconds of each round. */
  readonly times: readonly number[];
  /** Envoys that did what was asked, in the round in which the fewest did. */
  readonly least: number;
  /** Of a round: the server's, and that of the envoys and of who asks. */
  readonly cpuSeconds: number;
  readonly simulatorSeconds: number;
}

type Event = Readonly<Record<string, unknown>> & { readonly kind: string };

/** One round: how many envoys did it. */
export type Round = (api: Api) => Promise<number>;

export const task: Round = async (api) => {
  const wish = { command: "true", targets: ["*"], expires: "10m" };
  const response = await call(api, "POST", "/tasks", wish);
  const { task: begun } = (await response.json()) as { readonly task: { readonly id: string } };
  return ended(api, begun.id);
};

/** Until a task has ended: how many are ok. */
export async function ended(api: Api, id: string): Promise<number> {
  for (;;)
    for await (const event of events(await call(api, "GET", `/tasks/${id}/events`)))
      if (event.kind === "end") {
        const { counts } = event["task"] as { readonly counts: Readonly<Record<string, number>> };
        return counts["ok"] ?? 0;
      }
}

export const query =
  (text: string): Round =>
  async (api) => {
    const response = await call(api, "POST", "/query", { query: text, wait: "1m", limit: 100_000 });
    for await (const event of events(response))
      if (event.kind === "end") return event["matched"] as number;
    return 0;
  };

export interface Watched {
  look(): Promise<Snapshot | undefined>;
  /** Their processor time. */
  readonly envoys: { cpuSeconds(): Promise<number> };
}

export async function act(
  name: string,
  rounds: number,
  api: Api,
  round: Round,
  { look, envoys }: Watched,
): Promise<Act> {
  const times: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  const [before, simulated] = [await look(), await simulatorSeconds(envoys)];
  for (let n = 0; n < rounds; n++) {
    const began = performance.now();
    least = Math.min(least, await round(api));
    times.push(performance.now() - began);
  }
  const [after, then] = [await look(), await simulatorSeconds(envoys)];
  const cpuSeconds = ((after?.cpuSeconds ?? Number.NaN) - (before?.cpuSeconds ?? 0)) / rounds;
  return { name, times, least, cpuSeconds, simulatorSeconds: (then - simulated) / rounds };
}

/** Processor time of the envoys and of who asks, since they began. */
export async function simulatorSeconds(envoys: Watched["envoys"]): Promise<number> {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (await envoys.cpuSeconds());
}

export const actHead = [
  "act",
  "envoys",
  "rounds",
  "p50 ms",
  "p99 ms",
  "max ms",
  "server CPU ms",
  "simulator CPU ms",
];

export function actRow({ name, times, least, cpuSeconds, simulatorSeconds }: Act) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => percentile(sorted, share);
  return [
    name,
    least,
    times.length,
    at(0.5),
    at(0.99),
    at(1),
    cpuSeconds * 1000,
    simulatorSeconds * 1000,
  ];
}

export async function call(
  { url, ca, bearer }: Api,
  method: string,
  path: string,
  body?: object,
): Promise<Response> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    // The certificate is checked against the CA that the token vouches for; it has a name that all servers share.
    tls: { ca, checkServerIdentity: () => undefined },
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    keepalive: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return response;
  throw new Error(`${method} ${path}: HTTP ${response.status} ${await response.text()}`);
}

async function* events({ body }: Response): AsyncGenerator<Event> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body ?? []) {
    const blocks = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks)
      if (block.startsWith("data: ")) yield JSON.parse(block.slice(6)) as Event;
  }
}
