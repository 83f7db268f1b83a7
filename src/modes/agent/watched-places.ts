/**
 * The entries of the file system that tell when something managed was touched: files themselves, and what systemd, dpkg and the
 * account tools leave behind when they act. Pure. Must not know how they are watched.
 */
import type { Body, BodyResource } from "../../core/bundle/body.ts";
import { withStandIns } from "../../core/policy/secrets.ts";
import { type AnyResourceType, claimsOf } from "../../core/resource.ts";

/** What changes when a claim of this kind does; other kinds are found by the next ordinary run. */
const tellTales: Readonly<Record<string, (name: string) => readonly string[]>> = {
  file: (path) => [path],
  service: (name) => {
    const unit = name.includes(".") ? name : `${name}.service`;
    return [
      // Made when a unit starts, and taken away when it is no longer active.
      `/run/systemd/units/invocation:${unit}`,
      `/etc/systemd/system/${unit}`,
      `/etc/systemd/system/multi-user.target.wants/${unit}`,
    ];
  },
  package: () => ["/var/lib/dpkg/status"],
  user: () => ["/etc/passwd", "/etc/shadow"],
  group: () => ["/etc/group"],
  members: () => ["/etc/group"],
};

/** Names by folder. What cannot be read with these types has nothing to watch. */
export function watchedPlaces(
  { resources }: Body,
  types: readonly AnyResourceType[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map(types.map((type) => [type.name, type]));
  const folders = new Map<string, Set<string>>();
  for (const path of resources.flatMap((resource) => pathsOf(resource, byName))) {
    const slash = path.lastIndexOf("/");
    const folder = path.slice(0, slash) || "/";
    const names = folders.get(folder) ?? new Set();
    folders.set(folder, names.add(path.slice(slash + 1)));
  }
  return folders;
}

function pathsOf(
  resource: BodyResource,
  types: ReadonlyMap<string, AnyResourceType>,
): readonly string[] {
  const type = types.get(resource.type);
  const { data } = type?.params.safeParse(withStandIns(resource.params)) ?? {};
  if (type === undefined || data === undefined || resource.noop === true) return [];
  return claimsOf(type, data).flatMap(({ id }) => {
    const colon = id.indexOf(":");
    return tellTales[id.slice(0, colon)]?.(id.slice(colon + 1)) ?? [];
  });
}
