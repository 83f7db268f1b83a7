/** The `java` trait: which Java runtimes there are. Must not know what they run. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileText } from "../tools/file-text.ts";
import { parseOsRelease } from "../text/os-release.ts";
import { programsNamed, realPath, told } from "../tools/program-version.ts";
import { defineTrait } from "../trait.ts";

const most = 50;

export const java = defineTrait({
  name: "java",
  summary: "Java runtimes that are installed.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/software.ts") as typeof import("./darwin/software.ts")).java,
  },
  keep: "hour",
  timeoutMs: 20_000,
  value: () =>
    z.strictObject({
      versions: z
        .record(z.string(), z.string())
        .meta({ description: `Version by path of the runtime, ${most} at most.` }),
      default: z
        .string()
        .meta({ description: "Version that `java` runs; empty where there is none." }),
    }),
  async collect(host) {
    const versions = await runtimes(host);
    const onPath = await defaultVersion(host, versions);
    if (onPath === undefined && Object.keys(versions).length === 0) return undefined;
    return { versions, default: onPath ?? "" };
  },
  example: {
    versions: { "/usr/lib/jvm/java-17-openjdk-amd64": "17.0.15" },
    default: "17.0.15",
  },
});

/** Since Java 9 each runtime has a file `release` of assignments; starting one costs a tenth of a second. */
async function runtimes(host: ReadHost): Promise<Record<string, string>> {
  const folders = await Promise.all(
    ["/usr/lib/jvm", "/usr/lib64/jvm", "/usr/java", "/opt/java"].map(async (folder) =>
      ((await host.list(folder)) ?? []).map((name) => `${folder}/${name}`),
    ),
  );
  const found = await Promise.all(
    folders
      .flat()
      .slice(0, most)
      .map(async (path) => {
        if ((await host.stat(path))?.kind !== "directory") return [];
        const text = (await fileText(host, `${path}/release`)) ?? "";
        const version = parseOsRelease(text).get("JAVA_VERSION");
        return version === undefined ? [] : [[path, version] as const];
      }),
  );
  return Object.fromEntries(found.flat());
}

/** The program is a link into one of the runtimes as a rule; one that is not has to be asked. */
async function defaultVersion(
  host: ReadHost,
  versions: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  for (const path of programsNamed(host, "java")) {
    const real = await realPath(host, path);
    if (real === undefined) continue;
    const home = Object.keys(versions).find((folder) => real.startsWith(`${folder}/`));
    if (home !== undefined) return versions[home];
    const [, version] =
      /version "([^"]+)"/.exec((await told(host, real, ["-version"])) ?? "") ?? [];
    if (version !== undefined) return version;
  }
  return undefined;
}
