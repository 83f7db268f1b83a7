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

/** `gone`: nobody reads any more. Whoever waits for something to happen ends then, and not when it happens. */
export const implementEvents = <Deps, const E extends Followed>(
  endpoint: E,
  follow: (
    input: Received<E>,
    deps: Deps,
    caller: Caller,
    gone: AbortSignal,
  ) => Promise<AsyncIterable<NoInfer<Answer<E>>>>,
): Route<Deps> => ({
  mountOn(app, deps, authorise: Authorise) {
    app.on(endpoint.method, `${apiRoot}${endpoint.path}`, async (context) => {
      const caller = await known(authorise, context, endpoint);
      context.env?.wait?.((3 * beatMs) / 1_000);
      const gone = new AbortController();
      const events = await follow(await received(endpoint, context), deps, caller, gone.signal);
      const lines = linesOf(events, (event) => endpoint.response.parse(event), gone);
      return new Response(lines, { headers: { "content-type": "text/event-stream" } });
    });
  },
});

function linesOf(
  events: AsyncIterable<unknown>,
  shaped: (event: unknown) => unknown,
  gone: AbortController,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = events[Symbol.asyncIterator]();
  const end = performance.now() + longestMs;
  let next: Promise<IteratorResult<unknown>> | undefined;
  const leave = async () => {
    gone.abort();
    await iterator.return?.();
  };
  return new ReadableStream({
    async pull(controller) {
      next ??= iterator.next();
      const beat = Promise.withResolvers<undefined>();
      const timer = setTimeout(beat.resolve, beatMs);
      const come = await Promise.race([next, beat.promise]);
      clearTimeout(timer);
      if (come === undefined) controller.enqueue(encoder.encode(":\n\n"));
      else next = undefined;
      if (come?.done === false)
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(shaped(come.value))}\n\n`));
      if (come?.done !== true && performance.now() <= end) return;
      controller.close();
      await leave();
    },
    cancel: leave,
  });
}
