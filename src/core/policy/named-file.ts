/** The file in which a thing of the policy stands. Must not know what is done with it. */
import { unknownWord } from "../did-you-mean.ts";
import { VigoError } from "../errors.ts";
import type { Tree } from "./model.ts";
import type { Policy } from "./policy.ts";

/**
 * Of a path in the tree itself; of a name the file that declares it, or where the text is at fault the file that bears it.
 * Rejects with `missing` for a name that nothing bears, with `invalid` for one in several files.
 */
export function fileOf(name: string, { files }: Tree, policy: Policy | undefined): string {
  if (files.has(name)) return name;
  const named = policy === undefined ? byStem([...files.keys()]) : byName(policy);
  const found = [...new Set(named.filter(([known]) => known === name).map(([, file]) => file))];
  const [file, ...others] = found;
  if (file === undefined)
    throw new VigoError(
      "missing",
      unknownWord("name", name, [...new Set(named.map(([n]) => n)), ...files.keys()]),
      {
        hint: "vigo cli config tree lists configcrates; a file is named as it stands in the stacks",
      },
    );
  if (others.length > 0)
    throw new VigoError("invalid", `${name} stands in ${found.join(" and ")}`, {
      hint: "name the file",
    });
  return file;
}

type Named = readonly (readonly [name: string, file: string])[];

function byName({ declared }: Policy): Named {
  const { configcrates, roles, environments, tests, tasks } = declared;
  return [
    ...[...configcrates.values(), ...roles.values(), ...tests, ...tasks.values()].map(
      ({ name, place }) => [name, place.file] as const,
    ),
    ...[...configcrates.values()].flatMap(({ name, place }) =>
      name.startsWith("~") ? [[name.slice(1), place.file] as const] : [],
    ),
    ...[...environments.values()].flatMap((folder) =>
      [...folder.values()].map(({ name, place }) => [name, place.file] as const),
    ),
  ];
}

const byStem = (files: readonly string[]): Named =>
  files.map((file) => [(file.split("/").at(-1) ?? file).replace(/\.vgo$/, ""), file] as const);
