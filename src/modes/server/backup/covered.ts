/** What of a server's home is in a backup beside the database. Must not know how it is copied. */
import { isAbsolute, join, relative, resolve } from "node:path";
import { paths } from "../../../core/publish/home.ts";
import type { Settings } from "../config/read.ts";
import type { Home } from "../home.ts";

/**
 * Names below the home. Not those that each start makes anew, nor programs for newcomers, which are large and can be had again. The
 * head of the audit log comes first: one that is older than the database fits it, one that is newer does not.
 */
export function covered(home: Home): readonly string[] {
  const { live, versions, freeze, rollout } = paths(home.folder);
  return [
    home.auditHead,
    home.config,
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
  const names = covered(home);
  const named = [secretsKey, tls.cert, tls.key, tls.ca, tls.caKey, license.file];
  return named
    .filter((path) => path !== undefined)
    .map((path) => resolve(home.folder, path))
    .filter((path) => !names.some((name) => isInside(relative(join(home.folder, name), path))));
}

const isInside = (name: string): boolean => !name.startsWith("..") && !isAbsolute(name);
