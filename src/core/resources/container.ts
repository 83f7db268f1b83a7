/**
 * The `container` type: one container of docker or podman. Must not build images. A container cannot be changed but made anew, so what it
 * was made with is kept in a label and compared; the new one is made before the old one goes.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, list, pairs, parameters, shell, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import {
  type Container,
  containerNamed,
  type Engine,
  engineOf,
  imageId,
  order,
} from "../tools/container-engine.ts";
import {
  creation,
  readRecipe,
  recipe,
  recipeLabel,
  toldByEnvironment,
} from "../tools/container-recipe.ts";

const word = (description: string, pattern: RegExp, wanted: string) =>
  text(description, { pattern, wanted });

/** What cannot be changed but by making it anew. */
const making = () => ({
  command: list("Words to run instead of the image's command.", text("A word.")).exactOptional(),
  ports: list(
    "Ports to publish, like `8080:80`, `127.0.0.1:5353:53/udp`.",
    word("A port.", /^[0-9a-fA-F.:[\]-]{1,60}(?:\/(?:tcp|udp|sctp))?$/, "like 8080:80/tcp"),
  ).default([]),
  volumes: list(
    "What it sees of the machine, like `/srv/www:/usr/share/nginx/html:ro`, or `data:/var/lib/data`.",
    word("A volume.", /^[^\s:,]+:\/[^\s:,]*(?::[\w,]+)?$/, "like /srv/www:/www:ro"),
  ).default([]),
  environment: pairs("Variables it gets.").default({}),
  networks: list(
    "Networks it is in; the engine's usual one when not said.",
    word("A network.", /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "the name of a network"),
  ).default([]),
  restart: choice("What happens when it ends; podman needs the service podman-restart at boot.", [
    "no",
    "always",
    "on-failure",
    "unless-stopped",
  ]).default("no"),
  memory: word(
    "Most memory, like `512m` or `2g`.",
    /^\d{1,12}[bkmg]?$/,
    "like 512m",
  ).exactOptional(),
  cpus: word("Most processors, like `1.5`.", /^\d{1,4}(?:\.\d{1,3})?$/, "like 1.5").exactOptional(),
  healthcheck: parameters({
    command: shell("Shell command inside that works as long as it is well."),
    interval: whole("Seconds between two.", { min: 1, max: 86_400 }).default(30),
    retries: whole("Failures until it counts as ill.", { min: 1, max: 100 }).default(3),
  })
    .describe("How the engine sees whether it is well.")
    .exactOptional(),
  labels: list(
    "Labels, as `name=value`.",
    word("A label.", /^(?!vigo\.)[^\s=]+=[^\r\n\0]*$/, "like tier=web"),
  ).default([]),
});

const params = () =>
  parameters({
    container: word(
      "Name of the container.",
      /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/,
      "letters, digits, _, . and -",
    ),
    image: word(
      "What it is made of, like `docker.io/library/nginx:1.27`; another image of that name makes it anew. Needed unless `state` is absent.",
      /^[A-Za-z0-9][A-Za-z0-9_./:@-]{0,254}$/,
      "the name of an image",
    ).exactOptional(),
    state: choice("Stopped is made but does not run.", ["running", "stopped", "absent"]).default(
      "running",
    ),
    pull: choice(
      "When to fetch the image: where it is missing, always before the container is made, or never.",
      ["missing", "always", "never"],
    ).default("missing"),
    ...making(),
    backend: choice("The engine; `auto` takes the one that is installed, docker where both are.", [
      "auto",
      "docker",
      "podman",
    ]).default("auto"),
  }).refine((p) => p.state === "absent" || p.image !== undefined, {
    path: ["image"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const container = defineResource<Params>({
  name: "container",
  summary: "Keeps a container of docker or podman.",
  platforms: ["linux"],
  params,
  main: "container",
  lane: "container",
  claims: (p) => [{ id: `container:${p.container}` }],
  after: () => ["package:docker.io", "package:docker-ce", "package:podman", "service:docker"],

  async check(p, host) {
    const engine = await engineFor(p, host);
    const there = engine && (await containerNamed(host, engine, p.container));
    if (p.state === "absent") return differing("container", there?.state, undefined);
    if (engine === undefined || there === undefined)
      return differing("container", undefined, `${p.state}, of ${p.image}`);
    return [
      ...made(p, there),
      ...limits(p, there),
      ...(await newer(p, host, engine, there)),
      ...differing("state", there.state, p.state),
    ];
  },

  async apply(p, host, changes) {
    const engine = await engineFor(p, host);
    if (engine === undefined)
      throw new VigoError("failed", "neither docker nor podman is installed", {
        hint: "declare the package, and depend on it",
      });
    if (p.state === "absent") await remove(host, engine, p.container);
    else if (changes.every(({ field }) => field === "state")) await settle(p, host, engine);
    else await replace(p, host, engine);
  },

  async refresh(p, host) {
    const engine = await engineFor(p, host);
    if (engine !== undefined && p.state === "running")
      await order(host, engine, ["restart", p.container]);
  },

  refreshedBy: (p, changes) => p.state === "running" && changes.length > 0,

  examples: [
    {
      title: "A web server",
      params: {
        container: "web",
        image: "docker.io/library/nginx:1.27",
        ports: ["80:80"],
        volumes: ["/srv/www:/usr/share/nginx/html:ro"],
        restart: "always",
      },
    },
    {
      title: "A database with its password from a secret",
      params: {
        container: "db",
        image: "docker.io/library/postgres:17",
        environment: { POSTGRES_PASSWORD: "secret:db/password" },
        volumes: ["db:/var/lib/postgresql/data"],
        memory: "2g",
        healthcheck: { command: "pg_isready -U postgres", interval: 30, retries: 3 },
      },
    },
    { title: "No such container", params: { container: "old", state: "absent" } },
  ],
});

const engineFor = async (p: Params, host: ReadHost): Promise<Engine | undefined> =>
  p.backend === "auto" ? await engineOf(host) : p.backend;

function made(p: Params, { labels }: Container): readonly Change[] {
  const kept = labels[recipeLabel];
  if (kept === undefined) return differing("container", "made by others", `of ${p.image}`);
  const [is, wanted] = [readRecipe(kept), recipe(p)];
  const names = [...new Set([...Object.keys(is), ...Object.keys(wanted)])].sort();
  return names.flatMap((name) => differing(name, is[name], wanted[name]));
}

const units: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** What can be changed on a container that is there. */
function limits(p: Params, there: Container): readonly Change[] {
  const [, number = "", unit = "b"] = /^(\d+)([bkmg]?)$/.exec(p.memory ?? "") ?? [];
  const memory = Number(number) * (units[unit] ?? 1);
  const restart = there.restart === "" ? "no" : there.restart;
  return [
    ...(p.memory === undefined
      ? []
      : differing("memory limit", `${there.memoryBytes}`, `${memory}`)),
    ...(p.cpus === undefined ? [] : differing("cpu limit", `${there.cpus}`, `${Number(p.cpus)}`)),
    ...differing("restart policy", restart, p.restart),
  ];
}

async function newer(
  p: Params,
  host: ReadHost,
  engine: Engine,
  there: Container,
): Promise<readonly Change[]> {
  const id = await imageId(host, engine, p.image ?? "");
  const short = (it: string) => it.replace(/^sha256:/, "").slice(0, 12);
  return id === undefined ? [] : differing("image id", short(there.image), short(id), "upstream");
}

/** One that is stopping has to stop before it can be started, and what is dead is not brought back to life. */
async function settle(p: Params, host: Host, engine: Engine): Promise<void> {
  const { container: name, state } = p;
  const is = (await containerNamed(host, engine, name))?.state;
  if (is === "dead") return await replace(p, host, engine);
  if (is !== "stopped") await order(host, engine, ["stop", name]);
  if (state === "running") await order(host, engine, ["start", name]);
}

/** What is wrong with the new one shows before the old one goes. */
async function replace(p: Params, host: Host, engine: Engine): Promise<void> {
  const { container: name, image = "" } = p;
  const fresh = `${name}.vigo-new`;
  const isMissing = (await imageId(host, engine, image)) === undefined;
  if (p.pull === "always" || (p.pull === "missing" && isMissing))
    await order(host, engine, ["pull", image]);
  await remove(host, engine, fresh);
  await order(host, engine, creation(p, fresh), toldByEnvironment(p));
  for (const network of p.networks.slice(1))
    await order(host, engine, ["network", "connect", network, fresh]);
  await remove(host, engine, name);
  await order(host, engine, ["rename", fresh, name]);
  if (p.state === "running") await order(host, engine, ["start", name]);
}

async function remove(host: Host, engine: Engine, name: string): Promise<void> {
  const there = await containerNamed(host, engine, name);
  if (there?.state === "running" || there?.state === "stopping")
    await order(host, engine, ["stop", name]);
  if (there !== undefined) await order(host, engine, ["rm", "--force", name]);
}
