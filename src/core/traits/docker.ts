/** The `docker` trait: which versions of Docker's programs there are. Must not know containers: those are a trait of their own. */
import { z } from "zod";
import { versionsIn } from "../tools/program-version.ts";
import { defineTrait } from "../trait.ts";

export const docker = defineTrait({
  name: "docker",
  summary: "Versions of Docker that are installed.",
  platforms: ["linux", "darwin"],
  keep: "hour",
  timeoutMs: 20_000,
  value: () =>
    z.strictObject({
      versions: z
        .record(z.string(), z.string())
        .meta({ description: "Version by path of `docker`, `dockerd` and `docker-compose`." }),
      default: z
        .string()
        .meta({ description: "Version of `docker`, else of `dockerd`; empty: neither." }),
    }),
  async collect(host) {
    const found = await versionsIn(host, {
      programs: /^(?:docker|dockerd|docker-compose)$/,
      ask: ["--version"],
      version: /\bversion:? v?(\d[^\s,]*)/,
    });
    if (found === undefined) return undefined;
    return { versions: found.versions, default: found.by("docker") || found.by("dockerd") };
  },
  example: {
    versions: { "/usr/bin/docker": "27.3.1", "/usr/bin/dockerd": "27.3.1" },
    default: "27.3.1",
  },
});
