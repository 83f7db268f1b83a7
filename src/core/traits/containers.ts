/**
 * The `containers` trait: containers of Docker, from the files its daemon keeps, and of Podman, by podman(1) where its storage
 * holds any. Must not know what runs inside.
 */
import { z } from "zod";
import { dockerContainers, dockerFolder } from "../tools/docker.ts";
import { podmanContainers } from "../tools/podman.ts";
import { programsNamed, told } from "../tools/program-version.ts";
import type { ReadHost } from "../host.ts";
import { defineTrait } from "../trait.ts";

const most = 1_000;

export const containers = defineTrait({
  name: "containers",
  summary: "Containers of Docker and Podman.",
  platforms: ["linux"],
  keep: "run",
  timeoutMs: 10_000,
  value: () =>
    z.strictObject({
      runtimes: z
        .record(z.string(), z.string())
        .meta({ description: "Version by runtime: docker, podman." }),
      containers: z
        .array(
          z.strictObject({
            runtime: z.string(),
            name: z.string(),
            image: z.string(),
            image_id: z.string(),
            state: z.string(),
            health: z.string(),
            restart_count: z.int().min(0),
          }),
        )
        .meta({
          description: `Each, running or not, by name, ${most} at most: runtime, image and its id, state (running, exited, paused, created, …), health (healthy, unhealthy, starting; empty: not checked), restarts. Empty without root.`,
        }),
    }),
  async collect(host) {
    const runtimes = await runtimesOf(host);
    if (Object.keys(runtimes).length === 0) return undefined;
    const found = await Promise.all([
      dockerContainers(host, await dockerFolder(host)),
      "podman" in runtimes ? podmanContainers(host) : [],
    ]);
    const containers = found.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
    return { runtimes, containers: containers.slice(0, most) };
  },
  example: {
    runtimes: { docker: "27.3.1" },
    containers: [
      {
        runtime: "docker",
        name: "web",
        image: "nginx:1.27",
        image_id: "sha256:3b25b682ea82b2db3cc4fd48db818be788ee3f902ac7378090cf2624ec2442df",
        state: "running",
        health: "healthy",
        restart_count: 0,
      },
    ],
  },
});

async function runtimesOf(host: ReadHost): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const [runtime, program] of [
    ["docker", "dockerd"],
    ["podman", "podman"],
  ] as const)
    for (const path of programsNamed(host, program)) {
      const [, version] =
        /version v?(\d[^\s,]*)/.exec((await told(host, path, ["--version"])) ?? "") ?? [];
      if (version !== undefined) versions[runtime] ??= version;
    }
  return versions;
}
