/**
 * The `compose` type: a project of several containers, up or down. Must not know its services: they are read from its file. What it was
 * brought up with is noted beside, so that another text brings it up anew.
 */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, parameters, path, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import {
  type Compose,
  compose as run,
  composeOf,
  membersOf,
  servicesIn,
} from "../tools/compose.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import { ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";

const params = () =>
  parameters({
    project: text("Name of the project.", {
      pattern: /^[a-z0-9][a-z0-9_-]{0,62}$/,
      wanted: "small letters, digits, _ and -",
    }),
    content: text(
      "The file of the project, as Compose has it; kept in `/etc/compose/PROJECT`, for root alone.",
    ).exactOptional(),
    path: path("Instead of content, a file on the envoy.").exactOptional(),
    state: choice("Down removes its containers and networks, and keeps its volumes.", [
      "up",
      "down",
    ]).default("up"),
    pull: choice("Whether images are fetched anew before it is brought up.", [
      "missing",
      "always",
    ]).default("missing"),
  }).refine((p) => p.state === "down" || (p.content === undefined) !== (p.path === undefined), {
    path: ["content"],
    message: "write one of content and path, unless state is down",
  });

type Params = z.output<ReturnType<typeof params>>;

export const compose = defineResource<Params>({
  name: "compose",
  summary: "Keeps a project of containers up, as its Compose file has it.",
  platforms: ["linux"],
  params,
  main: "project",
  lane: "container",
  claims: (p) => [{ id: `compose:${p.project}` }, { id: `file:${folder(p)}` }],
  after: (p) => [
    ...(p.path === undefined ? [] : [`file:${p.path}`]),
    ...["docker-compose-plugin", "docker-compose", "podman-compose"].map(
      (name) => `package:${name}`,
    ),
    "service:docker",
  ],

  async check(p, host) {
    const tool = await composeOf(host);
    if (p.state === "down") return await leftOver(p, host, tool);
    const file = p.path === undefined ? await ownFileDifferences(host, "file", ownFile(p)) : [];
    const wanted = await textOf(p, host);
    if (wanted === undefined) return differing("file", undefined, `${p.path}, not there yet`);
    const services = servicesIn(wanted);
    const noted = await fileLine(host, note(p));
    const missing = tool === undefined ? services : await notUp(p, host, tool, services);
    return [
      ...file,
      ...differing("up with", noted.slice(0, 12) || undefined, digest(wanted).slice(0, 12)),
      ...differing("not up", missing.join(", ") || undefined, undefined),
    ];
  },

  async apply(p, host, changes) {
    const tool = await composeOf(host);
    if (p.state === "down") return await bringDown(p, host, tool);
    if (tool === undefined)
      throw new VigoError("failed", "there is neither docker compose nor podman-compose", {
        hint: "declare the package of one, and depend on it",
      });
    const wanted = await textOf(p, host);
    if (wanted === undefined)
      throw new VigoError("failed", `${p.path} is not there`, { hint: "depend on what makes it" });
    await makeFolders(p, host);
    if (
      p.path === undefined &&
      changes.some(({ field }) => ["file", "mode", "owner", "group"].includes(field))
    )
      await writeOwnFile(host, ownFile(p));
    if (p.pull === "always") await run(host, tool, p.project, fileOf(p), ["pull"]);
    await run(host, tool, p.project, fileOf(p), ["up", "-d", "--remove-orphans"]);
    await writeOwnFile(host, { path: note(p), text: `${digest(wanted)}\n`, mode: "0600" });
  },

  async refresh(p, host) {
    const tool = await composeOf(host);
    if (tool !== undefined && p.state === "up")
      await run(host, tool, p.project, fileOf(p), ["restart"]);
  },

  refreshedBy: (p, changes) => p.state === "up" && changes.length > 0,

  examples: [
    {
      title: "Two services",
      params: {
        project: "blog",
        content: "services:\n  web:\n    image: nginx:1.27\n  db:\n    image: postgres:17\n",
      },
    },
    {
      title: "A file that comes with the application",
      params: { project: "app", path: "/srv/app/compose.yaml", pull: "always" },
    },
    { title: "Down", params: { project: "old", state: "down" } },
  ],
});

const folder = (p: Params) => `/etc/compose/${p.project}`;
const note = (p: Params) => `${folder(p)}/.up`;
const ownFile = (p: Params) => ({
  path: `${folder(p)}/compose.yaml`,
  text: p.content,
  mode: "0600",
});
const fileOf = (p: Params) => p.path ?? ownFile(p).path;

const digest = (content: string) => createHash("sha256").update(content).digest("hex");

const textOf = async (p: Params, host: ReadHost): Promise<string | undefined> =>
  p.content ?? (await fileText(host, fileOf(p)));

/** A service that has ended well has done what it is for. */
async function notUp(
  p: Params,
  host: ReadHost,
  tool: Compose,
  services: readonly string[],
): Promise<readonly string[]> {
  const members = await membersOf(host, tool, p.project);
  return services.flatMap((service) => {
    const own = members.filter((member) => member.service === service);
    if (own.some(({ state, done }) => state === "running" || done)) return [];
    return [`${service} ${own[0]?.state ?? "missing"}`];
  });
}

async function leftOver(
  p: Params,
  host: ReadHost,
  tool: Compose | undefined,
): Promise<readonly Change[]> {
  const members = tool === undefined ? [] : await membersOf(host, tool, p.project);
  const names = members.map(({ service, state }) => `${service} ${state}`).join(", ");
  const there = (await host.stat(folder(p))) !== undefined;
  return [
    ...differing("containers", names || undefined, undefined),
    ...differing("files", there ? folder(p) : undefined, undefined),
  ];
}

async function bringDown(p: Params, host: Host, tool: Compose | undefined): Promise<void> {
  const members = tool === undefined ? [] : await membersOf(host, tool, p.project);
  if (tool !== undefined && members.length > 0) {
    if ((await host.stat(fileOf(p))) === undefined)
      throw new VigoError("failed", `${fileOf(p)} is not there, so it is not known what to stop`, {
        hint: "write path, or remove its containers by hand",
      });
    await run(host, tool, p.project, fileOf(p), ["down"]);
  }
  await host.remove(folder(p), { recursive: true });
}

async function makeFolders(p: Params, host: Host): Promise<void> {
  for (const at of ["/etc/compose", folder(p)])
    if ((await host.stat(at)) === undefined) await host.mkdir(at, { mode: 0o700 });
}
