/**
 * What dpkg says about packages and files beyond their versions: who asked for a package, which files it owns, which
 * configuration files were changed since. Formats: dpkg(1), apt's extended_states, `/var/lib/dpkg/info/*.list`. Must not know policy.
 */
import type { ReadHost } from "../../../core/host.ts";
import { textOf } from "./found.ts";

export interface Paragraph {
  readonly name: string;
  readonly isInstalled: boolean;
  /** Part of what makes the distribution: in each machine of this kind. */
  readonly isBasic: boolean;
  /** Path and md5 as the package brought it. */
  readonly conffiles: readonly (readonly [path: string, md5: string])[];
}

export const paragraphs = (status: string): readonly Paragraph[] =>
  status
    .split("\n\n")
    .map((text) => {
      const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "m").exec(text)?.[1] ?? "";
      const listed = /^Conffiles:[^\n]*\n((?: [^\n]*\n?)*)/m.exec(text)?.[1] ?? "";
      return {
        name: field("Package"),
        isInstalled: field("Status").endsWith(" installed"),
        isBasic:
          field("Essential") === "yes" ||
          field("Protected") === "yes" ||
          ["required", "important", "standard"].includes(field("Priority")),
        conffiles: [...listed.matchAll(/^ (\S.*?) ([0-9a-f]{32})$/gm)].map(
          ([, path = "", md5 = ""]) => [path, md5] as const,
        ),
      };
    })
    .filter(({ name }) => name !== "");

/** Names that came with others, and not because somebody asked for them. */
export const automatic = (extendedStates: string): ReadonlySet<string> =>
  new Set(
    extendedStates
      .split("\n\n")
      .filter((text) => /^Auto-Installed: 1$/m.test(text))
      .map((text) => /^Package: (\S+)$/m.exec(text)?.[1] ?? ""),
  );

export const dpkgStatus = async (host: ReadHost) =>
  paragraphs(await textOf(host, "/var/lib/dpkg/status"));

/** Of all that lies in a folder, what no package has brought. */
export async function unpackaged(host: ReadHost, folder: string): Promise<readonly string[]> {
  const names = (await host.list(folder)) ?? [];
  const paths = new Set(names.map((name) => `${folder}/${name}`));
  if (paths.size === 0) return [];
  const info = "/var/lib/dpkg/info";
  for (const list of ((await host.list(info)) ?? []).filter((name) => name.endsWith(".list")))
    for (const line of (await textOf(host, `${info}/${list}`)).split("\n")) paths.delete(line);
  return [...paths];
}
