/**
 * HashiCorp Vault and OpenBao, KV version 2 (their HTTP API: /secret/kv/kv-v2). `secret:web/db` is the field `value` of the secret
 * `web/db` (or its only field), `secret:web/db.password` its field `password`. Must not know who asks.
 */
import { VigoError } from "../../../core/errors.ts";
import { atMost } from "../../../core/at-most.ts";
import type { Json } from "../../../core/json.ts";
import { ask, type BackendAddress } from "./backend-http.ts";
import type { Secret } from "./keeper.ts";
import type { RemoteSource } from "./remote.ts";
import type { About } from "./sealed-file.ts";

const most = 10_000;
const atOnce = 8;
const fewEnough = 500;

type Members = { readonly [name: string]: Json | undefined };
const members = (value: Json | undefined): Members =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Members) : {};

export function vault(address: BackendAddress, mount: string): RemoteSource {
  const token = (value: string) => ({ "x-vault-token": value });
  const at = (kind: "data" | "metadata", path: string) =>
    `/v1/${mount}/${kind}/${path.split("/").map(encodeURIComponent).join("/")}`;

  const names = async (folder: string): Promise<readonly string[]> => {
    const found = members(
      members(await ask(address, `${at("metadata", folder)}?list=true`, token))["data"],
    );
    const keys = Array.isArray(found["keys"]) ? found["keys"] : [];
    return keys
      .filter((key): key is string => typeof key === "string")
      .map((key) => `${folder}${key}`);
  };

  /** Folder by folder. */
  const walk = async (): Promise<readonly string[]> => {
    const secrets: string[] = [];
    const folders = [""];
    for (let folder = folders.shift(); folder !== undefined; folder = folders.shift())
      for (const name of await names(folder)) {
        (name.endsWith("/") ? folders : secrets).push(name);
        if (secrets.length + folders.length > most)
          throw new VigoError("limited", `there are more than ${most} secrets below ${mount}/`, {
            hint: "give Vigo a mount of its own: secrets.mount",
          });
      }
    return secrets;
  };

  const data = async (path: string) =>
    members(members(await ask(address, at("data", path), token))["data"]);

  /** Of the newest version, without its value; undefined where that one was deleted or destroyed, or never was. */
  const metadata = async (path: string): Promise<About | undefined> => {
    const found = members(members(await ask(address, at("metadata", path), token))["data"]);
    const version = found["current_version"];
    const newest = members(found["versions"])[String(version)];
    if (newest === undefined || isGone(members(newest))) return undefined;
    return aboutOf({ version, created_time: members(newest)["created_time"] });
  };

  return {
    name: "vault",
    places,
    /** Versions are asked for: of all where they are few, else of what is used. */
    async index(used) {
      const found = new Map<string, About>();
      const paths = await walk();
      for (const path of paths) found.set(path, unknown);
      const few = paths.length <= fewEnough;
      const wanted = few ? paths : [...used].flatMap(places).filter((path) => found.has(path));
      await atMost(atOnce, new Set(wanted), async (path) => {
        const about = await metadata(path);
        if (about === undefined) found.delete(path);
        else found.set(path, about);
      });
      return found;
    },
    async read(ref) {
      for (const [path, field] of placesOf(ref)) {
        const found = await data(path);
        const value = fieldOf(members(found["data"]), field);
        if (value !== undefined) return secretOf(value, members(found["metadata"]));
      }
      return undefined;
    },
  };
}

/** A dot may be part of a name, or the field after it. */
function placesOf(ref: string): readonly (readonly [path: string, field: string | undefined])[] {
  const dot = ref.lastIndexOf(".");
  const whole = [ref, undefined] as const;
  return dot <= ref.lastIndexOf("/") + 1
    ? [whole]
    : [whole, [ref.slice(0, dot), ref.slice(dot + 1)]];
}

const places = (ref: string): readonly string[] => placesOf(ref).map(([path]) => path);

function fieldOf(fields: Members, name: string | undefined): string | undefined {
  const names = Object.keys(fields);
  const only = names.length === 1 ? names[0] : undefined;
  const value = fields[name ?? ("value" in fields ? "value" : (only ?? "value"))];
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A version may also be told when it will be deleted (`delete_version_after`). */
const isGone = ({ destroyed, deletion_time: at }: Members): boolean =>
  destroyed === true || (typeof at === "string" && at !== "" && Date.parse(at) <= Date.now());

const unknown: About = { version: 0, edition: "", changedAt: 0 };

function aboutOf({ version, created_time: created }: Members): About {
  const number = typeof version === "number" ? version : 0;
  const time = typeof created === "string" ? created : "";
  return { version: number, edition: `${number} ${time}`, changedAt: Date.parse(time) || 0 };
}

const secretOf = (value: string, metadata: Members): Secret => ({
  value: new TextEncoder().encode(value),
  about: aboutOf(metadata),
});
