/**
 * How far an apply would come: it is given a host that does nothing, and looks whether what it is asked to do first can be done.
 * What comes after that depends on what was not done, so there it ends. Must not know types.
 */
import type { Host, Stat } from "../host.ts";
import { folderMissing, hasManyNames } from "../refused-paths.ts";
import { Awaited, type Edges } from "./awaited.ts";
import type { ResourceReport } from "./report.ts";

export class Rehearsals {
  readonly #awaited: Awaited;
  readonly #reports: readonly Pick<ResourceReport, "outcome">[];

  /** `reports` are filled while the run goes on. */
  constructor(resources: readonly Edges[], reports: readonly Pick<ResourceReport, "outcome">[]) {
    this.#awaited = new Awaited(resources);
    this.#reports = reports;
  }

  /** None of what comes after something that is pending itself: what that would make cannot be known. */
  of(index: number, host: Host) {
    const isPending = (before: number) => this.#reports[before]?.outcome === "pending";
    if (this.#awaited.some(index, isPending)) return {};
    return { rehearse: (apply: Apply) => rehearse(host, apply) };
  }
}

type Apply = (host: Host) => Promise<void>;

class Enough extends Error {
  override readonly name = "Enough";
}

/** Rejects with what `apply` would reject with before it has done anything. */
async function rehearse(host: Host, apply: Apply): Promise<void> {
  try {
    await apply(rehearsing(host));
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
}

const enough = async (): Promise<never> => {
  throw new Enough("what comes next depends on this");
};

function rehearsing(host: Host): Host {
  const made = async (what: string, path: string): Promise<never> => {
    const above = path.replace(/\/+[^/]*\/*$/, "");
    const isThere = above === "" || (await host.stat(above, { follow: true })) !== undefined;
    if (!isThere) throw folderMissing(what, path);
    return enough();
  };
  const mended = async (path: string): Promise<never> => {
    mustHaveOneName(path, await host.stat(path));
    return enough();
  };
  return {
    ...host,
    tell: () => {},
    write: async (path) => {
      mustHaveOneName(path, await host.stat(path, { follow: true }));
      return made("write", path);
    },
    mkdir: (path) => made("make the folder", path),
    symlink: (path) => made("make the symlink", path),
    link: (path) => made("make the hard link", path),
    chmod: mended,
    chown: mended,
    setContext: mended,
    remove: enough,
    rename: enough,
    held: enough,
    run: enough,
    fetch: enough,
  };
}

function mustHaveOneName(path: string, there: Stat | undefined): void {
  if (there?.kind === "file" && there.links > 1) throw hasManyNames(path, there.links);
}
