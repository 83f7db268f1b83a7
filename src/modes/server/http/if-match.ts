/**
 * Changes that hold only for what their caller has seen: `If-Match` with the tag of the answer that showed it (RFC 9110, 13.1.1).
 * Those that name the same thing go one after the other, so that of two the second is told. Must not know nouns.
 */
import { apiRoot, type Endpoint } from "../../../core/api/endpoint.ts";
import { VigoError } from "../../../core/errors.ts";
import { isSameEdited } from "./answer.ts";
import type { App, Call } from "./implement.ts";

/** By the path that is guarded: the last change of it that is under way. */
const underWay = new Map<string, Promise<unknown>>();

/** Does the work, or rejects with `outdated` when what it would change is another by now. */
export async function guarded<T>(
  app: App,
  endpoint: Endpoint,
  context: Call,
  work: () => Promise<T>,
): Promise<T> {
  const wanted = context.req.header("if-match");
  if (wanted === undefined || endpoint.method === "GET") return work();
  const { shownBy } = endpoint;
  if (shownBy === undefined)
    throw new VigoError("invalid", "header: If-Match: nothing here has a tag to compare with");
  const path = `${apiRoot}${filled(shownBy, context.req.param())}`;
  const before = underWay.get(path) ?? Promise.resolve();
  const mine = before.then(async () => {
    await assertSame(app, path, context, wanted);
    return work();
  });
  const ended = mine.catch(() => "its own caller is told");
  underWay.set(path, ended);
  try {
    return await mine;
  } finally {
    if (underWay.get(path) === ended) underWay.delete(path);
  }
}

const filled = (path: string, params: Readonly<Record<string, string>>): string =>
  path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name] ?? ""));

/** As this caller would be shown it now. */
async function assertSame(app: App, path: string, { req, env }: Call, wanted: string) {
  const headers = new Headers();
  for (const name of ["authorization", "cookie"]) {
    const value = req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  const now = await app.request(path, { headers }, env);
  const tag = now.headers.get("etag");
  await now.body?.cancel();
  if (tag !== null && isSameEdited(tag, wanted)) return;
  throw new VigoError("outdated", "this was changed since it was read", {
    hint: `read GET ${path} again, and decide anew`,
  });
}
