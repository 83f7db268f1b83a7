/** Where published versions are kept below a server's home, and what their names say. Must not know what is in them. */

export const paths = (home: string) => ({
  live: `${home}/.live`,
  nextLive: `${home}/.live.next`,
  versions: `${home}/versions`,
  lock: `${home}/publish.lock`,
  freeze: `${home}/freeze.json`,
  rollout: `${home}/rollout.json`,
});

/** The manifest inside a version's folder. No tree has a file of this name: the layout has no place for it. */
export const manifestName = "publish.json";

export interface VersionName {
  readonly version: number;
  readonly digest: string;
}

export const versionFolder = ({ version, digest }: VersionName): string => `${version}-${digest}`;

/** Undefined for anything else that lies there, like the leftover of an interrupted publish. */
export function parseVersionFolder(name: string): VersionName | undefined {
  const [, version, digest] = /^([1-9]\d{0,14})-([0-9a-f]{64})$/.exec(name) ?? [];
  return version === undefined || digest === undefined
    ? undefined
    : { version: Number(version), digest };
}
