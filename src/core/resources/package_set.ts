/**
 * The `package_set` type: what is installed and not declared. Must not know how packages are installed: the missing ones are the
 * business of type package. Only what somebody has asked for counts: what those packages need comes and goes with them.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, list, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { matchesGlob } from "../text/glob.ts";
import type { PackageManager } from "../tools/package-manager.ts";
import { packageManagerOf } from "../tools/package-managers.ts";

const params = () =>
  parameters({
    packages: z
      .array(text("A package."))
      .min(1)
      .max(10_000)
      .describe(
        "All packages that may be installed, besides what they need and what every system has.",
      ),
    keep: list(
      "Names of more that may stay, as globs.",
      text("A glob, such as `linux-*`."),
    ).default([]),
    action: choice(
      "What becomes of others: report names them as a failure, purge removes them with their configuration.",
      ["report", "purge"],
    ).default("report"),
  });

type Params = z.output<ReturnType<typeof params>>;

export const packageSet = defineResource<Params>({
  name: "package_set",
  summary: "Finds packages that are installed and not declared, or removes them.",
  platforms: ["linux"],
  params,
  lane: "package",
  claims: () => [{ id: "package-set:" }],
  after: (p) => p.packages.map((name) => `package:${name}`),

  async check(p, host) {
    const manager = await packageManagerOf(host);
    const surplus = await surplusOf(p, manager, host);
    if (surplus.length === 0) return [];
    if (p.action === "report") throw undeclared(surplus);
    await mustNotTake(p, surplus, manager, host);
    return await asChanges(surplus, manager, host);
  },

  async apply(p, host) {
    const manager = await packageManagerOf(host);
    const surplus = await surplusOf(p, manager, host);
    await manager.remove(host, surplus, { purge: true, autoremove: false }, {});
  },

  examples: [
    {
      title: "Nobody installs things by hand",
      params: { packages: ["openssh-server", "nginx", "vigo"], keep: ["linux-image-*", "grub-*"] },
    },
    {
      title: "What somebody installed by hand goes",
      params: { packages: ["openssh-server", "chromium"], action: "purge" },
    },
  ],
});

/** Vigo does not take itself away. */
const own = ["vigo", "vigo-*"];

async function surplusOf(
  p: Params,
  manager: PackageManager,
  host: ReadHost,
): Promise<readonly string[]> {
  if (manager.byHand === undefined)
    throw new VigoError("failed", `not for ${manager.name}: it does not say what was asked for`);
  const declared = new Set(p.packages);
  const globs = [...own, ...p.keep];
  const stays = (name: string) =>
    declared.has(name) || globs.some((glob) => matchesGlob(glob, name));
  const names = await manager.byHand.names(host, stays);
  return names.filter((name) => !stays(name)).sort();
}

const shown = 20;

function undeclared(names: readonly string[]): VigoError {
  const some = names.slice(0, shown).join(", ");
  const more = names.length > shown ? ` and ${names.length - shown} more` : "";
  const what = names.length === 1 ? "a package is" : `${names.length} packages are`;
  return new VigoError("failed", `${what} installed and not declared: ${some}${more}`, {
    hint: "declare them, keep them, or say action: purge",
  });
}

/** A declared package that needs one of these would go with it. */
async function mustNotTake(
  p: Params,
  surplus: readonly string[],
  manager: PackageManager,
  host: ReadHost,
): Promise<void> {
  const going = new Set(surplus);
  const taken = (await manager.byHand?.takes(host, surplus)) ?? [];
  const others = taken.filter((name) => !going.has(name));
  if (others.length === 0) return;
  const first = others.find((name) => p.packages.includes(name)) ?? others[0];
  const whose = p.packages.includes(first ?? "") ? "is declared" : "was brought by others";
  throw new VigoError(
    "failed",
    `removing ${surplus.slice(0, shown).join(", ")} would take ${first}, which ${whose}`,
    { hint: "declare what it needs, or keep it: nothing was removed" },
  );
}

async function asChanges(
  names: readonly string[],
  manager: PackageManager,
  host: ReadHost,
): Promise<readonly Change[]> {
  const there = await manager.installed(host, names);
  return names.flatMap((name) =>
    differing(`package ${name}`, there.get(name)?.version ?? "installed", undefined),
  );
}
