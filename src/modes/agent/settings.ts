/**
 * What the agent is told about itself, in this order: flag, environment, `/etc/vigo-envoy/config`, default. Must not know
 * commands.
 */
import { lstatSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Args } from "../../core/command/args.ts";
import { unknownWord } from "../../core/did-you-mean.ts";
import { VigoError } from "../../core/errors.ts";
import { errno } from "../../core/publish/errno.ts";
import { addressesIn } from "./addresses.ts";
import { defaultHome } from "./home.ts";
import type { ProxySettings } from "./proxy.ts";

const levels = ["info", "warn", "error"] as const;
const formats = ["text", "json"] as const;

export interface Settings {
  readonly home: string;
  /** Nobody said where: commands that need no root may take a place of their user's own. */
  readonly isDefaultHome: boolean;
  /** `host:port` of AgentService, in place of those that the identity names; they are tried in turn. */
  readonly servers?: readonly string[];
  /** The way to them, where it is not a straight one. */
  readonly proxy?: ProxySettings;
  /** The daemon repairs what was touched at once, not with the next run. */
  readonly watch: boolean;
  readonly logLevel: (typeof levels)[number];
  readonly logFormat: (typeof formats)[number];
}

/** Flags of every command. No defaults here: what is not given is looked for elsewhere. */
export const sharedFlags = {
  home: {
    type: "string",
    description: `Folder of the agent's own files, else VIGO_HOME (${defaultHome}).`,
    valueHint: "DIR",
  },
  "log-level": {
    type: "string",
    description: "info, warn or error, else VIGO_LOG_LEVEL (info).",
    valueHint: "LEVEL",
  },
  "log-format": {
    type: "string",
    description: "text or json, else VIGO_LOG_FORMAT (text).",
    valueHint: "FORMAT",
  },
} as const satisfies Args;

/** Of the commands that call the server. */
export const serverFlag = {
  server: {
    type: "string",
    description:
      "Where agents call, several with commas, else VIGO_AGENT_SERVER, `server` in the configuration file, or what the identity names.",
    valueHint: "HOST:1530",
  },
} as const satisfies Args;

/** Of the daemon. */
export const watchFlag = {
  watch: {
    type: "boolean",
    description:
      "Repair what was touched within a second, else VIGO_WATCH, or `watch: true` in the configuration file (false).",
  },
} as const satisfies Args;

/** The same context, with the servers of the flag. */
export const calling = <C extends { readonly settings: Settings }>(
  context: C,
  server: string | undefined,
): C =>
  server === undefined
    ? context
    : { ...context, settings: { ...context.settings, servers: addressesIn(server) } };

export const configPath = "/etc/vigo-envoy/config";

/** Flag and variable by setting. The CLI has VIGO_SERVER for another port. */
const keys = {
  home: { flag: "home", variable: "VIGO_HOME" },
  /** These two flags are the commands' own. */
  server: { flag: "", variable: "VIGO_AGENT_SERVER" },
  watch: { flag: "", variable: "VIGO_WATCH" },
  log_level: { flag: "log-level", variable: "VIGO_LOG_LEVEL" },
  log_format: { flag: "log-format", variable: "VIGO_LOG_FORMAT" },
  /** As other programs are told; many write them small. */
  https_proxy: { flag: "", variable: "HTTPS_PROXY" },
  no_proxy: { flag: "", variable: "NO_PROXY" },
} as const;

export async function settingsFrom(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  path = configPath,
): Promise<Settings> {
  const config = await readConfig(path);
  const value = (key: keyof typeof keys): string | undefined => {
    const flag = flags[keys[key].flag];
    const said = fromEnvironment(environment, keys[key].variable);
    return (typeof flag === "string" ? flag : undefined) ?? (said || undefined) ?? config[key];
  };
  const home = value("home");
  const servers = value("server");
  const [https, except] = [value("https_proxy"), value("no_proxy")];
  return {
    ...(servers !== undefined && { servers: addressesIn(servers) }),
    ...(https !== undefined && { proxy: { https, ...(except !== undefined && { except }) } }),
    home: resolve(home ?? defaultHome),
    isDefaultHome: home === undefined,
    watch:
      oneOf("setting of watch", ["true", "false"] as const, value("watch") ?? "false") === "true",
    logLevel: oneOf("log level", levels, value("log_level") ?? "info"),
    logFormat: oneOf("log format", formats, value("log_format") ?? "text"),
  };
}

/** HTTPS_PROXY and NO_PROXY are as often written small. */
const fromEnvironment = (all: Readonly<Record<string, string | undefined>>, variable: string) =>
  all[variable] || all[variable.toLowerCase()];

function oneOf<const W extends string>(what: string, words: readonly W[], word: string): W {
  const found = words.find((one) => one === word);
  if (found !== undefined) return found;
  throw new VigoError("invalid", `${word} is no ${what}: it is one of ${words.join(", ")}`);
}

/** Empty where there is no such file. YAML is loaded only when there is one. */
async function readConfig(path: string): Promise<Readonly<Record<string, string>>> {
  const text = readTrusted(path);
  if (text === undefined) return {};
  const { parse } = await import("yaml");
  const said: unknown = parse(text, { schema: "failsafe" }) ?? {};
  if (said === null || typeof said !== "object" || Array.isArray(said))
    throw new VigoError("invalid", `${path}: settings are lines like "home: /var/lib/vigo-envoy"`);
  for (const [key, value] of Object.entries(said)) {
    if (!(key in keys))
      throw new VigoError("invalid", `${path}: ${unknownWord("setting", key, Object.keys(keys))}`);
    if (typeof value !== "string") throw new VigoError("invalid", `${path}: ${key} is a text`);
  }
  return said as Readonly<Record<string, string>>;
}

/** A file that others can write decides nothing for root (semantics §9). */
function readTrusted(path: string): string | undefined {
  try {
    const stat = lstatSync(path);
    const own = stat.uid === 0 || stat.uid === process.getuid?.();
    if (!stat.isFile() || (process.getuid !== undefined && (!own || (stat.mode & 0o022) !== 0)))
      throw new VigoError("denied", `${path} is not read: others may change it`, {
        hint: `chown root ${path} && chmod 644 ${path}`,
      });
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errno(error) === "ENOENT" || errno(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
