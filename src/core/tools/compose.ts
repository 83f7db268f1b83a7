/**
 * Projects of Docker's Compose, through its plugin, the older docker-compose, or podman-compose. Must not know what is wanted.
 * Containers of a project carry the labels `com.docker.compose.project` and `com.docker.compose.service` with all three.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { type Fields, fieldsOf } from "../text/foreign-json.ts";
import { compose as composed } from "../text/yaml-nodes.ts";
import { mustSucceed } from "./exit.ts";

export interface Compose {
  readonly words: readonly string[];
  readonly engine: "docker" | "podman";
}

const plugin = "docker/cli-plugins/docker-compose";
const places: readonly (Compose & { readonly paths: readonly string[] })[] = [
  {
    words: ["docker", "compose"],
    engine: "docker",
    paths: ["/usr/libexec", "/usr/lib", "/usr/local/lib"].map((folder) => `${folder}/${plugin}`),
  },
  ...(["docker", "podman"] as const).map((engine) => ({
    words: [`${engine}-compose`],
    engine,
    paths: [`/usr/bin/${engine}-compose`, `/usr/local/bin/${engine}-compose`],
  })),
];

/** What is installed, Docker's own first. */
export async function composeOf(host: ReadHost): Promise<Compose | undefined> {
  for (const place of places)
    for (const path of place.paths) if ((await host.stat(path)) !== undefined) return place;
  return undefined;
}

export interface Member {
  readonly service: string;
  /** `running`, `exited`, … */
  readonly state: string;
  /** It ended by itself and well. */
  readonly done: boolean;
}

const label = "com.docker.compose";

/** Containers of the project, whatever they do. */
export async function membersOf(
  host: ReadHost,
  { engine }: Compose,
  project: string,
): Promise<readonly Member[]> {
  const filter = ["--filter", `label=${label}.project=${project}`];
  const ids = await host.query({ argv: [engine, "ps", "-aq", ...filter] });
  if (ids.stderr.includes("Cannot connect to the Docker daemon"))
    throw new VigoError("unavailable", "the docker daemon does not answer");
  const names = (await mustSucceed(`${engine} ps`, Promise.resolve(ids))).stdout
    .split("\n")
    .filter((id) => id !== "");
  if (names.length === 0) return [];
  const argv = [engine, "container", "inspect", ...names];
  return parseMembers(
    (await mustSucceed(`${engine} container inspect`, host.query({ argv }))).stdout,
  );
}

export function parseMembers(json: string): readonly Member[] {
  const all = JSON.parse(json) as readonly Readonly<Record<string, Fields | undefined>>[];
  return all.map(({ State: state = {}, Config: config = {} }) => {
    const labels = config["Labels"];
    const service = typeof labels === "object" && labels !== null ? { ...labels } : {};
    return {
      service: String((service as Fields)[`${label}.service`] ?? ""),
      state: String(state["Status"] ?? ""),
      done: state["Status"] === "exited" && state["ExitCode"] === 0,
    };
  });
}

/** Services that start without being asked for: those with profiles do not. */
export function servicesIn(text: string): readonly string[] {
  const services = fieldsOf(fieldsOf(composed(text).value)["services"]);
  const names = Object.keys(services).filter(
    (name) => fieldsOf(services[name])["profiles"] === undefined,
  );
  if (names.length > 0) return names;
  throw new VigoError("failed", "the file of the project has no services", {
    hint: "it begins with services:, and below it one name a service",
  });
}

export async function compose(
  host: Host,
  { words }: Compose,
  project: string,
  file: string,
  order: readonly string[],
): Promise<void> {
  const argv = [...words, "-p", project, "-f", file, ...order];
  const cwd = file.replace(/\/[^/]*$/, "") || "/";
  const what = [...words, ...order.slice(0, 1)].join(" ");
  await mustSucceed(what, host.run({ argv, cwd, timeoutMs: 1_800_000 }));
}
