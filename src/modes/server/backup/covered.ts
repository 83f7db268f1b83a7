/** What of a server's home is in a backup beside the database. Must not know how it is copied. */
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { paths } from "../../../core/publish/home.ts";
import type { Settings } from "../config/read.ts";
import { type Home, homeAt } from "../home.ts";

/**
 * Names below the home. Not those that each start makes anew, nor programs for newcomers, which are large and can be had again. The
 * head of the audit log comes first: one that is older than the database fits it, one that is newer does not.
 */
export function covered(home: Home): readonly string[] {
  const { live, versions, freeze, rollout } = paths(home.folder);
  return [
    home.auditHead,
    // Its usual place, so that a backup fits a home whose settings are named by the environment.
    homeAt(home.folder, {}).config,
    home.tls,
    home.secrets,
    home.secretsKey,
    home.license,
    live,
    versions,
    freeze,
    rollout,
    home.stacks,
  ]
    .map((path) => relative(home.folder, path))
    .filter(isInside);
}

/** What the settings keep elsewhere on purpose, like a master key on a disk of its own. */
export function elsewhere(home: Home, { secretsKey, tls, license }: Settings): readonly string[] {
  const named = [home.config, secretsKey, tls.cert, tls.key, tls.ca, tls.caKey, license.file];
  return named
    .filter((path) => path !== undefined)
    .map((path) => resolve(home.folder, path))
    .filter((path) => !isCovered(home, relative(home.folder, path)));
}

/** Whether a backup has any business with it. */
export const isCovered = (home: Home, name: string): boolean =>
  covered(home).some((known) => isInside(relative(known, name)));

/** What a link points at, from the place it stands; undefined: something of the home that is copied as well. */
export function pointsOut(home: Home, link: string, target: string): string | undefined {
  const path = resolve(dirname(link), target);
  return isCovered(home, relative(home.folder, path)) ? undefined : path;
}

const isInside = (name: string): boolean => !name.startsWith("..") && !isAbsolute(name);
