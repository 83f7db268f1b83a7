/** Packages that somebody asked for, beyond what makes the distribution. Must not know how they are installed. */
import { automatic, dpkgStatus } from "./dpkg-files.ts";
import { type Part, textOf } from "./found.ts";

export const packages: Part = {
  name: "packages",
  summary: "Packages that were installed by hand",
  async find(host) {
    const came = automatic(await textOf(host, "/var/lib/apt/extended_states"));
    const names = (await dpkgStatus(host))
      .filter(({ name, isInstalled, isBasic }) => isInstalled && !isBasic && !came.has(name))
      .map(({ name }) => name)
      .sort();
    return names.length === 0 ? [] : [{ type: "package", params: { package: names } }];
  },
};
