/**
 * The `nonrepo_package` type: a package that no repository has, from the archive its maker gives out. Must not know package
 * managers. What is installed is asked of the machine's own database, so an archive is fetched only when it is needed.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, parameters, path, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { type PackageManager, standing } from "../tools/package-manager.ts";
import { packageManagerOf } from "../tools/package-managers.ts";

const params = () =>
  parameters({
    package: text("Name of the package, as it calls itself.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9+._@-]*$/,
      wanted: "the name of a package",
    }),
    state: choice("Absent removes the package.", ["present", "absent"]).default("present"),
    url: text("The http or https address of its archive; needs `sha256`.", {
      pattern: /^https?:\/\/\S+$/,
      wanted: "an http or https address",
    }).exactOptional(),
    artifact: path("Its archive, as a file on the envoy.").exactOptional(),
    sha256: text("The sha256 of the archive, in hex.", {
      pattern: /^[0-9a-fA-F]{64}$/,
      wanted: "64 hex digits",
    }).exactOptional(),
    version: text(
      "The version that the archive brings, as the package manager prints it. Without it, any version that is installed will do.",
      { pattern: /^[A-Za-z0-9][A-Za-z0-9.+~^:_-]*$/, wanted: "a version" },
    ).exactOptional(),
    purge: flag("With absent, remove its configuration too.").default(false),
  })
    .refine((p) => p.state === "absent" || (p.url === undefined) !== (p.artifact === undefined), {
      path: ["url"],
      message: "write one of url and artifact",
    })
    .refine((p) => p.url === undefined || p.sha256 !== undefined, {
      path: ["sha256"],
      message: "is required with url: root runs what is in a package",
    });

type Params = z.output<ReturnType<typeof params>>;

export const nonrepoPackage = defineResource<Params>({
  name: "nonrepo_package",
  summary: "Keeps a package installed that comes as a file, from no repository.",
  platforms: ["linux"],
  params,
  main: "package",
  lane: "package",
  claims: (p) => [{ id: `package:${p.package}` }],
  after: (p) => (p.artifact === undefined ? [] : [`file:${p.artifact}`]),

  async check(p, host) {
    const manager = await packageManagerOf(host);
    const there = (await manager.installed(host, [p.package])).get(p.package);
    const is = there?.status === "installed" ? there.version : undefined;
    const left = p.purge && there !== undefined ? "configuration only" : undefined;
    if (p.state === "absent") return differing("version", standing(there) ?? left, undefined);
    if (is === undefined) return differing("version", standing(there), p.version ?? "installed");
    const isIt = p.version === undefined || manager.compare(is, p.version) === 0;
    return isIt ? [] : differing("version", is, p.version);
  },

  async apply(p, host) {
    const manager = await packageManagerOf(host);
    const how = { purge: p.purge, autoremove: false };
    if (p.state === "absent") await manager.remove(host, [p.package], how, {});
    else await installArchive(p, manager, host);
    await mustBeIt(p, manager, host);
  },

  examples: [
    {
      title: "A package from its maker",
      params: {
        package: "tool",
        version: "1.4-1",
        url: "https://downloads.example.net/tool_1.4-1_amd64.deb",
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
    },
    {
      title: "A package from a file",
      params: { package: "driver", artifact: "/srv/packages/driver-2-1.x86_64.rpm" },
    },
    { title: "No such package", params: { package: "tool", state: "absent" } },
  ],
});

const folder = "/var/cache/vigo-packages";

async function installArchive(p: Params, manager: PackageManager, host: Host): Promise<void> {
  if (manager.installFile === undefined)
    throw new VigoError("failed", `not for ${manager.name}: it installs no archives`);
  if (p.artifact !== undefined) {
    await mustBeDeclared(p, p.artifact, host);
    return await manager.installFile(host, p.artifact);
  }
  const path = `${folder}/${p.package}-${p.sha256?.slice(0, 12)}.${manager.archive}`;
  if ((await host.stat(folder)) === undefined) await host.mkdir(folder, { mode: 0o755 });
  try {
    const body = await host.fetch(p.url ?? "", {
      resume: true,
      ...(p.sha256 !== undefined && { sha256: p.sha256.toLowerCase() }),
    });
    await host.write(path, body, { mode: 0o644, snapshot: false });
    await manager.installFile(host, path);
  } finally {
    await host.remove(path);
  }
}

async function mustBeDeclared(p: Params, path: string, host: ReadHost): Promise<void> {
  const is = await host.digest(path);
  if (is === undefined)
    throw new VigoError("failed", `the archive ${path} is not there`, {
      hint: "does another resource make it? Then depend on that one",
    });
  if (p.sha256 !== undefined && p.sha256.toLowerCase() !== is)
    throw new VigoError("failed", `${path} is not the declared archive: its sha256 is ${is}`, {
      hint: "look at where it comes from before changing sha256",
    });
}

/** An archive may hold another package, or another version, than was declared. */
async function mustBeIt(p: Params, manager: PackageManager, host: ReadHost): Promise<void> {
  if (p.state === "absent") return;
  const is = (await manager.installed(host, [p.package])).get(p.package)?.version;
  if (is !== undefined && (p.version === undefined || manager.compare(is, p.version) === 0)) return;
  throw new VigoError(
    "failed",
    is === undefined
      ? `the archive holds no package ${p.package}`
      : `the archive brought ${p.package} ${is}, not ${p.version}`,
    { hint: "declare what it calls itself, or fetch the right archive" },
  );
}
