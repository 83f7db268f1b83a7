/**
 * docker(1) and podman(1), as far as they take the same words. Must not know what is wanted. Output: `container inspect` of both,
 * the Docker Engine API's ContainerInspect.
 */
import { VigoError } from "../errors.ts";
import type { CommandResult, Host, ReadHost } from "../host.ts";
import { type Fields, fieldsOf } from "../text/foreign-json.ts";
import { mustSucceed } from "./exit.ts";

export type Engine = "docker" | "podman";

export interface Container {
  /** Stopping for ever where whoever told it to stop was killed; dead where it was killed with who was to tell podman. */
  readonly state: "running" | "stopping" | "stopped" | "dead";
  /** Of its first process, while it runs. */
  readonly pid: number;
  /** Id of the image it was made of. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly restart: string;
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** What is installed; docker where both are. */
export async function engineOf(host: ReadHost): Promise<Engine | undefined> {
  for (const engine of ["docker", "podman"] as const)
    for (const folder of ["/usr/bin", "/usr/local/bin"])
      if ((await host.stat(`${folder}/${engine}`)) !== undefined) return engine;
  return undefined;
}

async function inspected(
  host: ReadHost,
  engine: Engine,
  kind: "container" | "image",
  name: string,
): Promise<Fields | undefined> {
  const told = await host.query({ argv: [engine, kind, "inspect", name] });
  if (told.code === 0) return fieldsOf(firstOf(told.stdout));
  if (told.code === 127 || isUnknown(told)) return undefined;
  if (told.stderr.includes("Cannot connect to the Docker daemon"))
    throw new VigoError("unavailable", "the docker daemon does not answer");
  throw new VigoError("failed", `${engine} ${kind} inspect ${name}: ${told.stderr.trim()}`);
}

const isUnknown = ({ stderr }: CommandResult) =>
  /no such (?:container|image|object)|not known|failed to find image|unable to find/i.test(stderr);

const firstOf = (json: string): unknown => (JSON.parse(json) as readonly unknown[])[0];

export async function containerNamed(
  host: ReadHost,
  engine: Engine,
  name: string,
): Promise<Container | undefined> {
  const found = await inspected(host, engine, "container", name);
  const container = found && parseContainer(found);
  if (engine !== "podman" || container?.state !== "running" || container.pid === 0)
    return container;
  // podman has no daemon that would have seen it end.
  const isThere = (await host.stat(`/proc/${container.pid}`)) !== undefined;
  return isThere ? container : { ...container, state: "dead" };
}

export function parseContainer(found: Fields): Container {
  const [state, config, limits] = ["State", "Config", "HostConfig"].map((key) =>
    fieldsOf(found[key]),
  );
  const { Labels: labels = {} } = config ?? {};
  const nanoCpus = Number(limits?.["NanoCpus"] ?? 0);
  const { CpuQuota: quota = 0, CpuPeriod: period = 0 } = limits ?? {};
  return {
    state: stateOf(state ?? {}),
    pid: Number(state?.["Pid"] ?? 0),
    image: String(found["Image"] ?? ""),
    labels: Object.fromEntries(
      Object.entries(fieldsOf(labels)).map(([key, it]) => [key, String(it)]),
    ),
    restart: String(fieldsOf(limits?.["RestartPolicy"])["Name"] ?? ""),
    memoryBytes: Number(limits?.["Memory"] ?? 0),
    cpus: nanoCpus > 0 ? nanoCpus / 1e9 : Number(period) > 0 ? Number(quota) / Number(period) : 0,
  };
}

const stateOf = (told: Fields): Container["state"] =>
  told["Status"] === "stopping" ? "stopping" : told["Running"] === true ? "running" : "stopped";

/** Undefined where there is no such image. */
export async function imageId(
  host: ReadHost,
  engine: Engine,
  name: string,
): Promise<string | undefined> {
  const found = await inspected(host, engine, "image", name);
  return found && String(found["Id"] ?? "");
}

/** `env` reaches the engine without being seen in the list of processes. But for what is fetched, half done is worse than late. */
export async function order(
  host: Host,
  engine: Engine,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const what = `${engine} ${words.slice(0, 2).join(" ")}`;
  const outlives = words[0] !== "pull";
  const argv = [engine, ...words];
  await mustSucceed(what, host.run({ argv, env, outlives, timeoutMs: 900_000 }));
}
