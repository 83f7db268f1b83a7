/**
 * A secrets service that speaks two plain calls: `GET /secrets` gives `{secrets: [{path, version, changed_at}]}`, `GET
 * /secrets/PATH` gives `{path, value, version, changed_at}`, both with `Authorization: Bearer TOKEN`; times are RFC 3339 (docs/secrets.md).
 * Must not know who asks.
 */
import { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import { ask, type BackendAddress } from "./backend-http.ts";
import type { RemoteSource } from "./remote.ts";
import type { About } from "./sealed-file.ts";

const about = {
  path: z.string().max(1024),
  version: z.int().min(1),
  changed_at: z.string().max(64),
};
const listed = z.object({ secrets: z.array(z.object(about)).max(10_000) });
const held = z.object({ ...about, value: z.string() });

export function isopass(address: BackendAddress): RemoteSource {
  const token = (value: string) => ({ authorization: `Bearer ${value}` });
  const shaped = <T>(schema: z.ZodType<T>, value: unknown, path: string): T => {
    const { data, error } = schema.safeParse(value);
    if (error === undefined) return data;
    const [issue] = error.issues;
    throw new VigoError(
      "failed",
      `isopass answers ${path} in another form: ${issue?.path.join(".")} ${issue?.message}`,
    );
  };
  return {
    name: "isopass",
    places: (ref) => [ref],
    async index() {
      const { secrets } = shaped(listed, (await ask(address, "/secrets", token)) ?? {}, "/secrets");
      return new Map(secrets.map((one) => [one.path, aboutOf(one)]));
    },
    async read(path) {
      const at = `/secrets/${path.split("/").map(encodeURIComponent).join("/")}`;
      const found = await ask(address, at, token);
      if (found === undefined) return undefined;
      const one = shaped(held, found, at);
      return { value: new TextEncoder().encode(one.value), about: aboutOf(one) };
    },
  };
}

const aboutOf = (one: { readonly version: number; readonly changed_at: string }): About => ({
  version: one.version,
  edition: `${one.version} ${one.changed_at}`,
  changedAt: Date.parse(one.changed_at) || 0,
});
