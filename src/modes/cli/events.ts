/** Follows server-sent events of an endpoint. Must not know any endpoint, nor what is done with the events. */
import type { Answer, Endpoint, Sent } from "../../core/api/endpoint.ts";
import { jsonIn } from "../../core/text/json-in.ts";
import { asking, refusal, type Server, unreachable } from "./client.ts";

/** Rejects like a call; ends when the server ends it, or rejects with `unavailable` when the way to it breaks. */
export type Follow = <E extends Endpoint & { readonly events: true }>(
  endpoint: E,
  input: Sent<E>,
) => AsyncIterable<Answer<E>>;

/** The server says something every 10 s, if only that it is there: one that is silent for longer is out of reach, whatever TCP believes. */
const patience = { answerMs: 60_000, beatMs: 35_000 };

export const following = (server: Server, { answerMs, beatMs } = patience): Follow => {
  const ask = asking(server);
  return async function* (endpoint, input) {
    const cut = new AbortController();
    const within = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
      const silence = new DOMException("nothing came in time", "TimeoutError");
      const timer = setTimeout(() => cut.abort(silence), ms);
      return work().finally(() => clearTimeout(timer));
    };
    try {
      const response = await within(answerMs, () => ask(endpoint, input, { signal: cut.signal }));
      if (!response.ok) throw refusal(response.status, jsonIn(await response.text()));
      const reader = response.body?.getReader();
      // Only while somebody waits is silence counted: who prints slowly is not cut off.
      const read = () => within(beatMs, async () => (await reader?.read())?.value);
      for await (const text of events(read, server.url))
        yield endpoint.response.parse(JSON.parse(text)) as Answer<typeof endpoint>;
    } finally {
      cut.abort();
    }
  };
};

type Read = () => Promise<Uint8Array | undefined>;

/** What the `data` of each event says. */
async function* events(read: Read, url: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for (let chunk = await heard(read, url); chunk !== undefined; chunk = await heard(read, url)) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) if (block.startsWith("data: ")) yield block.slice("data: ".length);
  }
}

const heard: (read: Read, url: string) => ReturnType<Read> = async (read, url) => {
  try {
    return await read();
  } catch (cause) {
    throw unreachable(url, ["the connection broke", "is the server being restarted?"], cause);
  }
};
