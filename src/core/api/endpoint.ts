/**
 * One REST endpoint as data: the server implements it, the CLI calls it, OpenAPI prints it.
 * Must not know Hono, fetch, or any noun.
 */
import type { z } from "zod";

export const permissions = [
  "fleet.read",
  "fleet.write",
  "enroll.write",
  "config.read",
  "config.publish",
  "config.rollback",
  "task.run",
  "workflow.run",
  "query.run",
  "secrets.write",
  "audit.read",
  "compliance.read",
  "compliance.write",
  "scrier.connect",
  "admin",
] as const;

export type Permission = (typeof permissions)[number];

/** What an endpoint asks of its caller: nothing, to say who it is, or a permission. */
export type Required = Permission | "authenticated" | "anyone";

/** Where every path hangs. */
export const apiRoot = "/api/v1";

export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `apiRoot`, parameters as `:name`. */
  readonly path: `/${string}`;
  /** One sentence. */
  readonly summary: string;
  /** Not optional, so that no endpoint is open by omission. */
  readonly permission: Required;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Largest body in bytes (d: 64 KiB). */
  readonly bodyLimit?: number;
  /** How long an answer may take, in seconds, where half a minute is too short; 250 at most. */
  readonly patience?: number;
  readonly response: z.ZodType;
  /** Path of the endpoint that shows what this one changes: its tag is what `If-Match` is compared with. */
  readonly shownBy?: `/${string}`;
  /** Fields of the answer that callers change (d: all): `If-Match` looks at these, whatever else has moved since. */
  readonly edited?: readonly string[];
  /** The answer is a stream of server-sent events, each of the shape of `response`. */
  readonly events?: true;
}

export const endpoint = <const E extends Endpoint>(data: E): E => Object.freeze(data);

/** `"/envoys/:id/runs/:n"` → `{ id: string; n: string }` */
type PathParams<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [K in Name]: string } & PathParams<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? { readonly [K in Name]: string }
    : unknown;

type Part<Name extends string, Value> = { readonly [K in Name]: Value };

/** What a caller sends. */
export type Sent<E extends Endpoint> = {
  readonly params: PathParams<E["path"]>;
} & (E["query"] extends z.ZodType ? Part<"query", z.input<E["query"]>> : unknown) &
  (E["body"] extends z.ZodType ? Part<"body", z.input<E["body"]>> : unknown);

/** What a handler gets: the same, parsed. */
export type Received<E extends Endpoint> = {
  readonly params: PathParams<E["path"]>;
} & (E["query"] extends z.ZodType ? Part<"query", z.output<E["query"]>> : unknown) &
  (E["body"] extends z.ZodType ? Part<"body", z.output<E["body"]>> : unknown);

/** What a handler returns, and what a caller gets. */
export type Answer<E extends Endpoint> = z.output<E["response"]>;
