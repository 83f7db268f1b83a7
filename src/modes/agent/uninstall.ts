/**
 * Takes the agent off a machine: the service first, and with `purge` everything it ever kept. What it has made of the machine
 * stays. Must not know how words are read.
 */
import * as files from "node:fs/promises";
import { ifThere } from "../../core/publish/errno.ts";
import { paths } from "./home.ts";
import { takeLock } from "./run-lock.ts";
import type { Service } from "./service/service.ts";

export interface Uninstalled {
  readonly service: "removed" | "not installed";
  readonly home: "removed" | "kept" | "not there";
}

export interface UninstallOptions {
  readonly home: string;
  /** The identity, the state and former contents of files go, too. */
  readonly purge: boolean;
}

/** Rejects with `conflict` or `failed` while another agent works in this home. */
export async function uninstall(
  service: Pick<Service, "isInstalled" | "remove"> | undefined,
  { home, purge }: UninstallOptions,
): Promise<Uninstalled> {
  const hasService = (await service?.isInstalled()) === true;
  if (hasService) await service?.remove();
  return {
    service: hasService ? "removed" : "not installed",
    home: await leave(home, purge),
  };
}

async function leave(home: string, purge: boolean): Promise<Uninstalled["home"]> {
  if ((await ifThere(files.stat(home))) === undefined) return "not there";
  if (!purge) return "kept";
  // A daemon that was started by hand would write on into a home that is gone.
  const lock = takeLock(paths(home).lock);
  lock.release();
  await files.rm(home, { recursive: true });
  return "removed";
}
