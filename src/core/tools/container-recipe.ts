/**
 * What a container is made with: as words for the engine, and as a label by which it is known later. Must not know what is there.
 */
import { createHash } from "node:crypto";
import { jsonIn } from "../text/json-in.ts";

export interface ContainerWish {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly restart: string;
  readonly memory?: string;
  readonly cpus?: string;
  readonly healthcheck?: {
    readonly command: string;
    readonly interval: number;
    readonly retries: number;
  };
  readonly labels: readonly string[];
}

export const recipeLabel = "vigo.made-with";

/** What it is made with, in texts by name. Values of variables may be secret: of those there is a digest. */
export function recipe(p: ContainerWish): Readonly<Record<string, string>> {
  const digest = (value: string) => createHash("sha256").update(value).digest("hex").slice(0, 16);
  const variables = Object.entries(p.environment).map(
    ([name, value]) => `${name}:${digest(value)}`,
  );
  const all: Readonly<Record<string, readonly string[] | string | undefined>> = {
    image: p.image,
    command: p.command,
    ports: p.ports,
    volumes: p.volumes,
    environment: variables.sort(),
    networks: p.networks,
    restart: p.restart,
    memory: p.memory,
    cpus: p.cpus,
    healthcheck: p.healthcheck && JSON.stringify(p.healthcheck),
    labels: p.labels,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === undefined || value.length === 0
        ? []
        : [[name, typeof value === "string" ? value : value.join(" ")]],
    ),
  );
}

/** Of a label; nothing where somebody wrote something else. */
export function readRecipe(kept: string): Readonly<Record<string, string>> {
  const read = jsonIn(kept);
  return typeof read === "object" && read !== null ? { ...read } : {};
}

/** Variables that mean something to the engine's own program are told as words. */
const ofTheEngine =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_.*|XDG_.*|DOCKER_.*|CONTAINER.*|SHELL|TMPDIR|.*_PROXY|.*_proxy)$/;

/** Words that make it, without starting it; only the first of its networks. */
export function creation(p: ContainerWish, name: string): readonly string[] {
  const { healthcheck: health, networks, memory, cpus } = p;
  const each = (option: string, values: readonly string[]) =>
    values.flatMap((value) => [option, value]);
  const variables = Object.entries(p.environment).map(([key, value]) =>
    ofTheEngine.test(key) ? `${key}=${value}` : key,
  );
  return [
    ...["container", "create", "--name", name, "--pull", "never", "--restart", p.restart],
    ...each("--label", [`${recipeLabel}=${JSON.stringify(recipe(p))}`, ...p.labels]),
    ...each("--publish", p.ports),
    ...each("--volume", p.volumes),
    ...each("--env", variables),
    ...each("--network", networks.slice(0, 1)),
    ...(memory === undefined ? [] : ["--memory", memory]),
    ...(cpus === undefined ? [] : ["--cpus", cpus]),
    ...(health === undefined
      ? []
      : [
          ...["--health-cmd", health.command, "--health-interval", `${health.interval}s`],
          ...["--health-retries", `${health.retries}`],
        ]),
    p.image ?? "",
    ...(p.command ?? []),
  ];
}

/** Variables for the environment of the program that makes it. */
export const toldByEnvironment = (p: ContainerWish): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(p.environment).filter(([name]) => !ofTheEngine.test(name)));
