/**
 * Docker's containers from the files of its daemon, `containers/ID/config.v2.json`, which it writes at every change of state.
 * Must not know why anybody asks.
 */
import type { ReadHost } from "../host.ts";
import { jsonIn } from "../text/json-in.ts";
import { fileText } from "./file-text.ts";
import { unlessDenied } from "./refusal.ts";

export interface Container {
  readonly runtime: string;
  readonly name: string;
  readonly image: string;
  readonly image_id: string;
  readonly state: string;
  readonly health: string;
  readonly restart_count: number;
}

/** `data-root` of daemon.json, else its default. */
export async function dockerFolder(host: ReadHost): Promise<string> {
  const text = (await fileText(host, "/etc/docker/daemon.json")) ?? "";
  const [, folder = "/var/lib/docker"] = /"data-root"\s*:\s*"([^"]+)"/.exec(text) ?? [];
  return folder;
}

export async function dockerContainers(
  host: ReadHost,
  folder: string,
): Promise<readonly Container[]> {
  const ids = (await unlessDenied(host.list(`${folder}/containers`))) ?? [];
  const found = await Promise.all(
    ids.slice(0, 2_000).map(async (id) => {
      const text = await unlessDenied(fileText(host, `${folder}/containers/${id}/config.v2.json`));
      return text === undefined ? undefined : parseConfig(text);
    }),
  );
  return found.filter((container) => container !== undefined);
}

interface Config {
  readonly Name?: string;
  readonly Image?: string;
  readonly RestartCount?: number;
  readonly Config?: { readonly Image?: string };
  readonly State?: {
    readonly Running?: boolean;
    readonly Paused?: boolean;
    readonly Restarting?: boolean;
    readonly Dead?: boolean;
    readonly RemovalInProgress?: boolean;
    readonly StartedAt?: string;
    readonly Health?: { readonly Status?: string } | null;
  };
}

/** Undefined for what is being written just now. */
export function parseConfig(text: string): Container | undefined {
  const config = jsonIn(text) as Config | undefined;
  if (config === undefined) return undefined;
  const { Name = "", Image = "", RestartCount = 0, State = {} } = config;
  const health = State.Health?.Status ?? "";
  return {
    runtime: "docker",
    name: Name.replace(/^\//, ""),
    image: config.Config?.Image ?? "",
    image_id: Image,
    state: stateOf(State),
    health: health === "none" ? "" : health,
    restart_count: RestartCount,
  };
}

/** In the order in which the daemon looks itself. */
function stateOf(state: NonNullable<Config["State"]>): string {
  if (state.Running === true) {
    if (state.Paused === true) return "paused";
    return state.Restarting === true ? "restarting" : "running";
  }
  if (state.RemovalInProgress === true) return "removing";
  if (state.Dead === true) return "dead";
  return (state.StartedAt ?? "").startsWith("0001-01-01") ? "created" : "exited";
}
