/** The `node` trait: which versions of Node.js there are. Must not know what is installed for them. */
import { z } from "zod";
import { versionsIn } from "../tools/program-version.ts";
import { defineTrait } from "../trait.ts";

export const node = defineTrait({
  name: "node",
  summary: "Versions of Node.js that are installed.",
  platforms: ["linux", "darwin"],
  keep: "hour",
  timeoutMs: 20_000,
  value: () =>
    z.strictObject({
      versions: z
        .record(z.string(), z.string())
        .meta({ description: "Version by path, links followed, each program once." }),
      default: z
        .string()
        .meta({ description: "Version that `node` runs; empty where there is none." }),
    }),
  async collect(host) {
    const found = await versionsIn(host, {
      programs: /^node(?:js|-?\d+)?$/,
      ask: ["--version"],
      version: /^v(\d\S*)/m,
    });
    if (found === undefined) return undefined;
    return { versions: found.versions, default: found.by("node") || found.by("nodejs") };
  },
  example: { versions: { "/usr/bin/node": "20.19.2" }, default: "20.19.2" },
});
