/** Follows server-sent events of an endpoint. Must not know any endpoint, nor what is done with the events. */
import type { Answer, Endpoint, Sent } from "../../core/api/endpoint.ts";
import { VigoError } from "../../core/errors.ts";
import { asking, parsed, refusal, type Server, unreachable } from "./client.ts";

/** Rejects like a call; ends when the server ends it, or rejects with `unavailable` when the way to it breaks. */
export type Follow = <E extends Endpoint & { readonly events: true }>(
  endpoint: E,
  input: Sent<E>,
) => AsyncIterable<Answer<E>>;

export const following = (server: Server): Follow => {
  const ask = asking(server);
  return async function* (endpoint, input) {
    const cut = new AbortController();
    try {
      const response = await ask(endpoint, input, cut.signal);
      if (!response.ok) throw refusal(response.status, parsed(await response.text()));
      for await (const text of events(response.body, server.url))
        yield endpoint.response.parse(JSON.parse(text)) as Answer<typeof endpoint>;
    } finally {
      cut.abort();
    }
  };
};

/** What the `data` of each event says. */
async function* events(
  body: ReadableStream<Uint8Array> | null,
  url: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of readable(body, url)) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) if (block.startsWith("data: ")) yield block.slice("data: ".length);
  }
}

async function* readable(body: ReadableStream<Uint8Array> | null, url: string) {
  try {
    yield* body ?? [];
  } catch (cause) {
    if (cause instanceof VigoError) throw cause;
    throw unreachable(url, ["the connection broke", "is the server being restarted?"], cause);
  }
}
