/**
 * From endpoints as data to routes: authorise, parse, handle, and one place for what goes wrong.
 * Must not know any noun, nor how a caller proves who it is.
 */
import { type Context, Hono } from "hono";
import type { z } from "zod";
import {
  type Answer,
  apiRoot,
  type Endpoint,
  type Received,
  type Required,
} from "../../../core/api/endpoint.ts";
import { asVigoError, failures, VigoError } from "../../../core/errors.ts";
import { explain } from "../../../core/params.ts";
import type { Role } from "../../../core/api/roles.ts";
import { currentRequest, inRequest, requestId } from "../request.ts";
import { answered } from "./answer.ts";
import { guarded } from "./if-match.ts";

/** Who calls, as far as it had to be proven. */
export interface Caller {
  /** Name of the user, `local`, or `anyone` where nothing was asked. */
  readonly name: string;
  readonly role: Role | undefined;
  readonly via: "local-token" | "api-token" | "session" | "nothing";
  /** Of the API token or session, when one was used. */
  readonly loginId?: string;
  readonly tokenExpiresAt?: number;
  readonly csrfToken?: string;
  /** Where the call came from, for limits and the audit log. */
  readonly address: string;
}

/** Rejects with `unauthenticated` or `denied` unless the caller has the permission. */
export type Authorise = (context: Call, required: Required) => Promise<Caller>;

/** What the listener tells of a connection. */
interface Connection {
  readonly address: string;
  /** Seconds without a byte until it is cut. */
  wait(seconds: number): void;
}

/** The app is also called without a listener, in tests: then nothing is known of the connection. */
export interface Bindings {
  Bindings: Partial<Connection>;
}

export type App = Hono<Bindings>;
export type Call = Context<Bindings>;

/** Of a request, in bytes, where its endpoint says nothing else. */
const bodyLimit = 65_536;

/** What an answer carries beside its body. */
interface Reply {
  header(name: string, value: string): void;
}

/** An endpoint with its handler; everything generic is sealed inside. */
export interface Route<Deps> {
  mountOn(app: App, deps: Deps, authorise: Authorise): void;
}

export const implement = <Deps, const E extends Endpoint>(
  endpoint: E,
  handle: (
    input: Received<E>,
    deps: Deps,
    caller: Caller,
    reply: Reply,
  ) => Promise<NoInfer<Answer<E>>>,
): Route<Deps> => ({
  mountOn(app, deps, authorise) {
    app.on(endpoint.method, `${apiRoot}${endpoint.path}`, async (context) => {
      const caller = await known(authorise, context, endpoint);
      if (endpoint.patience !== undefined) context.env?.wait?.(endpoint.patience);
      const headers = new Headers();
      const reply = { header: (name: string, value: string) => headers.append(name, value) };
      const input = await received(endpoint, context);
      const answer = await guarded(app, endpoint, context, () =>
        handle(input, deps, caller, reply),
      );
      // Parsed on the way out too: a field that the schema does not name never leaves.
      return answered(context, endpoint, endpoint.response.parse(answer), headers);
    });
  },
});

/** Who asks, for the log as well. */
export async function known(
  authorise: Authorise,
  context: Call,
  { permission }: Endpoint,
): Promise<Caller> {
  const caller = await authorise(context, permission);
  const request = currentRequest();
  if (request !== undefined) request.actor = caller.name;
  return caller;
}

/** One app of all routes. `log` gets what is the server's own fault: bugs, and a disk or database that fails. */
export function mount<Deps>(
  routes: readonly Route<Deps>[],
  deps: Deps,
  {
    authorise,
    log,
    done,
  }: {
    readonly authorise: Authorise;
    readonly log: (bug: unknown) => void;
    /** Each request that may have changed something, when it is over. */
    readonly done: (request: Done) => void;
  },
): App {
  const app: App = new Hono<Bindings>();
  app.use((context, next) => named(context, next, done));
  for (const route of routes) route.mountOn(app, deps, authorise);
  const failed = (caught: unknown, context: Call) => {
    const error = asVigoError(caught);
    const { failure: code, message, hint, retryAfter } = error;
    if (failures[code].http >= 500) log(code === "internal" ? (error.cause ?? error) : error);
    if (retryAfter !== undefined) context.header("retry-after", String(retryAfter));
    const told = { code, message, hint, request_id: currentRequest()?.id };
    return context.json({ error: told }, failures[code].http);
  };
  app.onError(failed);
  // Not thrown: it would end beyond what names the request.
  app.notFound((context) => {
    const { method, path } = context.req;
    const request = currentRequest();
    if (request !== undefined) request.isLost = true;
    return failed(new VigoError("missing", `no endpoint ${method} ${path}`), context);
  });
  return app;
}

/** A request as the log tells of it. */
interface Done {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly actor: string | undefined;
  readonly ms: number;
}

/** Its name is in the answer, and in all that is logged and audited until then. */
function named(context: Call, next: () => Promise<void>, done: (request: Done) => void) {
  const id = requestId(context.req.header("x-request-id"));
  const began = performance.now();
  return inRequest(id, async () => {
    await next();
    context.header("x-request-id", id);
    const { method, path } = context.req;
    if (method === "GET" || method === "HEAD" || currentRequest()?.isLost) return;
    const { status } = context.res;
    const ms = Math.round(performance.now() - began);
    done({ method, path, status, actor: currentRequest()?.actor, ms });
  });
}

/** What was sent, parsed. Throws `invalid`. */
export async function received<E extends Endpoint>(
  endpoint: E,
  context: Call,
): Promise<Received<E>> {
  const { query, body } = endpoint;
  const input = {
    params: context.req.param(),
    query: query && parsed("query", query, once(context.req.queries())),
    body:
      body &&
      parsed(
        "body",
        body,
        fromJson(await textOf(context.req.raw, endpoint.bodyLimit ?? bodyLimit)),
      ),
  };
  return input as unknown as Received<E>;
}

/** Nobody can know which of two is meant. */
function once(given: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  const twice = Object.entries(given).find(([, values]) => values.length > 1);
  if (twice !== undefined) throw new VigoError("invalid", `query: ${twice[0]} is given twice`);
  return Object.fromEntries(Object.entries(given).map(([name, [value = ""]]) => [name, value]));
}

/** Read only after the caller may call, and no further than the limit, whatever length was announced. */
async function textOf(request: Request, limit: number): Promise<string> {
  const decoder = new TextDecoder("utf-8");
  let [text, length] = ["", 0];
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > limit) throw new VigoError("invalid", `the body is larger than ${limit} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(where: string, schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new VigoError("invalid", `${where}: ${explain(result.error).join("; ")}`);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VigoError("invalid", "the body is not JSON", { cause });
  }
}
