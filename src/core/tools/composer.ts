/** Packages of PHP through composer, in a project of their own. What is there stands in `installed.json`. Must not know what is wanted. */
import { change, type Ecosystem, type LanguagePackage } from "./ecosystem.ts";
import { makeFolders } from "./folder.ts";
import { damaged, jsonFile } from "./json-file.ts";
import { compareSemver } from "./semver.ts";

export const composer: Ecosystem = {
  async installed(host, p) {
    const listed = await jsonFile(host, `${project(p)}/vendor/composer/installed.json`);
    return listed === damaged ? damaged : parseInstalled(listed).get(p.package.toLowerCase());
  },

  same: (a, b) => compareSemver(a, b) === 0,

  async install(host, p) {
    await makeFolders(host, project(p));
    const word = p.version === undefined ? p.package : `${p.package}:${p.version}`;
    await change(host, [...composerFor(p), "require", "--", word], p, root);
  },

  async remove(host, p) {
    await change(host, [...composerFor(p), "remove", "--", p.package], p, root);
  },
};

const root = { COMPOSER_ALLOW_SUPERUSER: "1" };

const project = ({ environment_path: at }: LanguagePackage) => at ?? "/usr/local/share/composer";

const composerFor = (p: LanguagePackage) => ["composer", "-q", "-n", `--working-dir=${project(p)}`];

interface Listed {
  readonly name: string;
  readonly version: string;
}

/** `{"packages": [{"name", "version"}]}`; composer 1 has the list alone. */
export function parseInstalled(value: unknown): ReadonlyMap<string, string> {
  const packages = Array.isArray(value)
    ? value
    : ((value as { readonly packages?: unknown } | undefined)?.packages ?? []);
  return new Map(
    (packages as readonly Listed[]).map(({ name, version }) => [name.toLowerCase(), version]),
  );
}
