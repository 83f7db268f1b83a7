/**
 * Takes the agent off a machine: the service first, and with `purge` everything it ever kept. What it has made of the machine
 * stays. Must not know how words are read.
 */
import * as files from "node:fs/promises";
import type { Host } from "../../core/host.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { mustSucceed } from "../../core/tools/exit.ts";
import { paths } from "./home.ts";
import { takeLock } from "./run-lock.ts";

export interface Uninstalled {
  readonly service: "removed" | "not installed";
  readonly home: "removed" | "kept" | "not there";
}

export interface UninstallOptions {
  readonly home: string;
  /** The identity, the state and former contents of files go, too. */
  readonly purge: boolean;
  /** Of the service. */
  readonly unit: string;
}

/** Rejects with `conflict` or `failed` while another agent works in this home. */
export async function uninstall(
  host: Pick<Host, "run">,
  { home, purge, unit }: UninstallOptions,
): Promise<Uninstalled> {
  const hasService = (await ifThere(files.stat(unit))) !== undefined;
  if (hasService) await removeService(host, unit);
  return {
    service: hasService ? "removed" : "not installed",
    home: await leave(home, purge),
  };
}

async function removeService(host: Pick<Host, "run">, unit: string): Promise<void> {
  const name = unit.split("/").at(-1) ?? unit;
  const systemctl = (...words: readonly string[]) =>
    mustSucceed(`systemctl ${words.join(" ")}`, host.run({ argv: ["systemctl", ...words] }));
  await systemctl("disable", "--now", name);
  await files.rm(unit, { force: true });
  await systemctl("daemon-reload");
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
