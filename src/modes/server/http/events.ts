/**
 * An endpoint whose answer is a stream of server-sent events (the form is that of the HTML standard, chapter 9.2), each one JSON of the
 * endpoint's shape. Must not know any noun.
 */
import { apiRoot, type Answer, type Endpoint, type Received } from "../../../core/api/endpoint.ts";
import { type Authorise, type Caller, known, received, type Route } from "./implement.ts";

type Followed = Endpoint & { readonly events: true };

/** A line for whoever watches the connection. */
const beatMs = 10_000;
/** Who follows longer comes again, and proves who it is. */
const longestMs = 900_000;

export const implementEvents = <Deps, const E extends Followed>(
  endpoint: E,
  follow: (
    input: Received<E>,
    deps: Deps,
    caller: Caller,
  ) => Promise<AsyncIterable<NoInfer<Answer<E>>>>,
): Route<Deps> => ({
  mountOn(app, deps, authorise: Authorise) {
    app.on(endpoint.method, `${apiRoot}${endpoint.path}`, async (context) => {
      const caller = await known(authorise, context, endpoint);
      context.env?.wait?.((3 * beatMs) / 1_000);
      const events = await follow(await received(endpoint, context), deps, caller);
      const lines = linesOf(events, (event) => endpoint.response.parse(event));
      return new Response(lines, { headers: { "content-type": "text/event-stream" } });
    });
  },
});

function linesOf(
  events: AsyncIterable<unknown>,
  shaped: (event: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = events[Symbol.asyncIterator]();
  const end = performance.now() + longestMs;
  let next: Promise<IteratorResult<unknown>> | undefined;
  return new ReadableStream({
    async pull(controller) {
      next ??= iterator.next();
      const beat = Promise.withResolvers<undefined>();
      const timer = setTimeout(beat.resolve, beatMs);
      const come = await Promise.race([next, beat.promise]);
      clearTimeout(timer);
      if (come === undefined) {
        controller.enqueue(encoder.encode(":\n\n"));
        return;
      }
      next = undefined;
      const isOver = come.done === true || performance.now() > end;
      if (come.done !== true)
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(shaped(come.value))}\n\n`));
      if (!isOver) return;
      controller.close();
      await iterator.return?.();
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
