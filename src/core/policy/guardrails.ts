/**
 * What no resource may do to Vigo itself: remove, stop, mask or overwrite its paths, program and services. Asked at publish and
 * again by the agent. Knows a type only by what it claims, so that new types are covered. Must not know how policy is written.
 */
import { type AnyResourceType, claimsOf } from "../resource.ts";

/** Where Vigo lives when nobody says otherwise. */
export const ownPaths: readonly string[] = [
  "/srv/vigo",
  "/var/lib/vigo-envoy",
  "/etc/vigo-envoy",
  "/usr/local/bin/vigo",
  "/usr/bin/vigo",
  "/bin/vigo",
  "/etc/systemd/system/vigo-agent.service",
  "/etc/systemd/system/vigo-server.service",
];
/** Inside of them, and for programs and lists of the operator's to lie in. */
const operators: readonly string[] = [
  "/etc/vigo-envoy/executors",
  "/etc/vigo-envoy/traits.d",
  "/etc/vigo-envoy/integrity.d",
];
const ownUnits = /^vigo-(?:agent|server)(?:\.service)?$/;
const ownPackages = /^vigo(?:-agent|-server)?$/;
/** Of the server; and who enforces all of this. */
const ownAccounts: Readonly<Record<string, string>> = {
  vigo: "the server's account",
  root: "root",
};
const ownProcess = "vigo";
/** Kinds of claims that name a path. */
const pathKinds = new Set(["file", "directory", "path", "tree", "archive", "acl"]);

/** Why this resource is refused, or undefined. `params` as the type's schema reads them. */
export function guardrail(
  type: AnyResourceType,
  params: object,
  protectedPaths: readonly string[] = ownPaths,
): string | undefined {
  for (const { id } of claimsOf(type, params)) {
    const colon = id.indexOf(":");
    const [kind, name] = [id.slice(0, colon), id.slice(colon + 1)];
    const reason = pathKinds.has(kind)
      ? touches(name, params, protectedPaths)
      : byKind[kind]?.(name, params, protectedPaths);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

type Judge = (
  name: string,
  params: object,
  protectedPaths: readonly string[],
) => string | undefined;

const wordOf = (params: object, name: string): unknown =>
  (params as Readonly<Record<string, unknown>>)[name];

const isAbsent = (params: object): boolean => wordOf(params, "state") === "absent";

function stops(unit: string, params: object): string | undefined {
  if (!ownUnits.test(unit)) return undefined;
  if (wordOf(params, "state") === "stopped") return `it would stop ${unit}, which is Vigo itself`;
  if (wordOf(params, "started") === false) return `it would stop ${unit}, which is Vigo itself`;
  if (isAbsent(params) && wordOf(params, "drop_in") === undefined)
    return `it would remove ${unit}, which is Vigo itself`;
  if (wordOf(params, "masked") === true) return `it would mask ${unit}, which is Vigo itself`;
  if (wordOf(params, "enabled") === false) return `it would keep ${unit} from starting at boot`;
  return undefined;
}

const removes = (name: string, params: object): string | undefined =>
  ownPackages.test(name) && isAbsent(params)
    ? `it would remove the package ${name}, which is Vigo itself`
    : undefined;

const removesAccount = (name: string, params: object): string | undefined =>
  Object.hasOwn(ownAccounts, name) && isAbsent(params)
    ? `it would remove ${name}, which is ${ownAccounts[name]}`
    : undefined;

/** Any sign is taken for a regular expression that the type itself has looked at. */
function ends(name: string, params: object): string | undefined {
  if (wordOf(params, "state") !== "stopped" && wordOf(params, "max") === undefined)
    return undefined;
  const isOwn =
    wordOf(params, "match_mode") === "pattern"
      ? ownCommands.some((command) => new RegExp(name).test(command))
      : name === ownProcess;
  return isOwn ? "it would end processes of Vigo itself" : undefined;
}

const ownCommands = ["/usr/local/bin/vigo agent daemon", "/usr/local/bin/vigo server run"];

/** What lies below a place that is unmounted is gone with it. */
function unmounts(path: string, params: object, protectedPaths: readonly string[]) {
  const state = wordOf(params, "state");
  if (state !== "absent" && state !== "unmounted") return undefined;
  const below = protectedPaths.find((own) => isWithin(own, cleaned(path)));
  return below === undefined ? undefined : `it would take ${below} away, which is Vigo's own`;
}

const byKind: Readonly<Record<string, Judge>> = {
  service: stops,
  unit: stops,
  package: removes,
  user: removesAccount,
  group: removesAccount,
  process: ends,
  mount: unmounts,
};

function touches(
  path: string,
  params: object,
  protectedPaths: readonly string[],
): string | undefined {
  const clean = cleaned(path);
  if (operators.some((own) => isWithin(clean, own))) return undefined;
  for (const own of protectedPaths) {
    if (isWithin(clean, own)) return `${path} belongs to Vigo itself`;
    if (isWithin(own, clean) && sweeps(params))
      return `it would reach into ${own}, which is Vigo's own`;
  }
  return undefined;
}

const cleaned = (path: string): string =>
  path.includes("//") || path.includes("/./") || path.endsWith("/") || path.endsWith("/.")
    ? path.replace(/(?:\/\.?(?=\/|$))+/g, "") || "/"
    : path;

/** Or the very same. Asked of every path of a fleet: without making anything. */
const isWithin = (path: string, folder: string): boolean =>
  path.startsWith(folder) &&
  (path.length === folder.length || path[folder.length] === "/" || folder === "/");

/** Does something to all that lies below. */
const sweeps = (params: object): boolean =>
  isAbsent(params) ||
  wordOf(params, "purge") === true ||
  wordOf(params, "recurse") === true ||
  wordOf(params, "to") !== undefined;
