/** The `python` trait: which versions of Python there are. Must not know what is installed for them. */
import { z } from "zod";
import { versionsIn } from "../tools/program-version.ts";
import { defineTrait } from "../trait.ts";

export const python = defineTrait({
  name: "python",
  summary: "Versions of Python that are installed.",
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
        .meta({ description: "Version that `python3` runs; empty where there is none." }),
    }),
  async collect(host) {
    const found = await versionsIn(host, {
      programs: /^python(?:\d+(?:\.\d+)?)?$/,
      ask: ["--version"],
      version: /^Python (\S+)/m,
    });
    if (found === undefined) return undefined;
    return { versions: found.versions, default: found.by("python3") || found.by("python") };
  },
  example: { versions: { "/usr/bin/python3.11": "3.11.2" }, default: "3.11.2" },
});
