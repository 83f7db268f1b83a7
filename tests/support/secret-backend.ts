/**
 * Another program that keeps secrets: the HTTP API of HashiCorp Vault and OpenBao for KV version 2, with the answers that their manuals
 * show (reading, listing, metadata; 403, 404 and what is deleted, destroyed or sealed), and isopass. Must not know any test.
 */
export interface Version {
  readonly fields: Readonly<Record<string, unknown>>;
  /** RFC 3339, also of the future; "" while nobody has deleted it. */
  readonly deletedAt?: string;
  readonly destroyed?: boolean;
}

export interface SecretBackend {
  readonly url: string;
  /** By path; the last of the versions is the newest, and there may be none yet. */
  readonly kept: Map<string, Version[]>;
  token: string;
  mode: "well" | "sealed" | "elsewhere" | "nonsense" | "broken";
  /** `METHOD PATH` of each request. */
  readonly asked: string[];
  stop(): Promise<void>;
}

export const created = (version: number) => `2026-01-0${version}T00:00:00.123456789Z`;

const errors = (status: number, ...said: readonly string[]) =>
  Response.json({ errors: said }, { status });

/** `mount` may have a namespace in front, as both programs take it. */
export function secretBackend(token: string, mount = "secret"): SecretBackend {
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const { pathname, search } = new URL(request.url);
      asked.push(`${request.method} ${pathname}${search}`);
      return answer(backend, mount, request);
    },
  });
  const backend: SecretBackend = {
    url: `http://127.0.0.1:${server.port}`,
    kept: new Map(),
    token,
    mode: "well",
    asked,
    stop: () => server.stop(true),
  };
  return backend;
}

function answer(backend: SecretBackend, mount: string, request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  if (backend.mode === "sealed") return errors(503, "Vault is sealed");
  if (backend.mode === "broken") return errors(500, "internal error");
  if (pathname === "/elsewhere") return Response.json({ data: { keys: [] } });
  if (backend.mode === "elsewhere")
    return Response.redirect(new URL("/elsewhere", request.url).href, 307);
  if (backend.mode === "nonsense") return new Response("<html>hunter2");
  const given = request.headers.get("x-vault-token") ?? request.headers.get("authorization");
  if (given !== backend.token && given !== `Bearer ${backend.token}`)
    return errors(403, "permission denied");
  if (pathname === "/secrets" || pathname.startsWith("/secrets/")) return plain(backend, pathname);
  const [kind = "", path = ""] = pathname.startsWith(`/v1/${mount}/`)
    ? pathname.slice(`/v1/${mount}/`.length).split(/\/(.*)/s)
    : [];
  if (kind !== "data" && kind !== "metadata") return errors(404, "no handler for route");
  const name = path.split("/").map(decodeURIComponent).join("/");
  if (searchParams.get("list") === "true") return listed(backend, name);
  const versions = backend.kept.get(name);
  if (versions === undefined) return errors(404);
  return kind === "metadata" ? metadata(versions) : data(versions);
}

/** What is deleted is listed all the same. */
function listed({ kept }: SecretBackend, folder: string): Response {
  const below = [...kept.keys()].filter((one) => one.startsWith(folder));
  const keys = [
    ...new Set(below.map((one) => one.slice(folder.length).replace(/\/.*/, "/"))),
  ].sort();
  return keys.length === 0 ? errors(404) : wrapped({ keys });
}

const wrapped = (inner: object, status = 200) =>
  Response.json(
    {
      request_id: crypto.randomUUID(),
      lease_id: "",
      renewable: false,
      lease_duration: 0,
      data: inner,
      wrap_info: null,
      warnings: null,
      auth: null,
    },
    { status },
  );

const about = ({ deletedAt = "", destroyed = false }: Version, version: number) => ({
  created_time: created(version),
  deletion_time: deletedAt,
  destroyed,
  version,
});

function metadata(versions: readonly Version[]): Response {
  const shown = versions.map((one, at) => {
    const { version, ...rest } = about(one, at + 1);
    return [String(version), rest];
  });
  return wrapped({
    cas_required: false,
    created_time: created(1),
    current_version: versions.length,
    custom_metadata: null,
    delete_version_after: "0s",
    max_versions: 0,
    oldest_version: 0,
    updated_time: created(Math.max(1, versions.length)),
    versions: Object.fromEntries(shown),
  });
}

function data(versions: readonly Version[]): Response {
  const newest = versions.at(-1);
  if (newest === undefined) return errors(404);
  const metadata = { ...about(newest, versions.length), custom_metadata: null };
  const isDeleted = newest.deletedAt !== undefined && Date.parse(newest.deletedAt) <= Date.now();
  if (isDeleted || newest.destroyed === true) return wrapped({ data: null, metadata }, 404);
  return wrapped({ data: newest.fields, metadata });
}

function plain({ kept }: SecretBackend, pathname: string): Response {
  const rows = [...kept].map(([path, versions]) => ({
    path,
    version: versions.length,
    changed_at: created(versions.length),
    value: versions.at(-1)?.fields["value"],
  }));
  if (pathname === "/secrets")
    return Response.json({ secrets: rows.map(({ value, ...row }) => row) });
  const row = rows.find(({ path }) => `/secrets/${path}` === decodeURIComponent(pathname));
  return row === undefined ? errors(404) : Response.json(row);
}
