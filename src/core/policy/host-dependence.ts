/**
 * Which resources come to the same on every host that has the same vars: such are rendered once for all of them. And which do not
 * although hosts have the same vars and traits: only those are rendered for each. Must not know hosts.
 */
import { choicesOf, type ReadyResource } from "./policy.ts";
import { mayUseAnyFile } from "./ready.ts";
import { readsOfResource } from "./ready-reads.ts";

const known = new WeakMap<ReadyResource, boolean>();

/** Its own texts read vars and items alone; conditions are another matter. */
export function dependsOnVarsOnly(resource: ReadyResource): boolean {
  const before = known.get(resource);
  if (before !== undefined) return before;
  const alone = !choicesOf(resource).some(mayUseAnyFile) && readsVarsOnly(resource);
  known.set(resource, alone);
  return alone;
}

/** A `source:` that is a template may come to a file that reads anything. */
const readsVarsOnly = (resource: ReadyResource): boolean => readsOnly(resource, ["vars", "item"]);

const naming = new WeakMap<ReadyResource, boolean>();

/** It may read which host it is for; vars, traits and items do not make it the only one of its kind. */
export function mayNameEnvoy(resource: ReadyResource): boolean {
  const before = naming.get(resource);
  if (before !== undefined) return before;
  const may =
    choicesOf(resource).some(mayUseAnyFile) || !readsOnly(resource, ["vars", "item", "traits"]);
  naming.set(resource, may);
  return may;
}

const readsOnly = (resource: ReadyResource, roots: readonly string[]): boolean =>
  [...readsOfResource(resource)].every(
    ({
      read: {
        path: [root = "", field],
      },
    }) => (root === "crate" ? field === "item" : roots.includes(root)),
  );
