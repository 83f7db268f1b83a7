/** Snaps through snap(8). Must not know what is wanted. snapd does one change at a time by itself. */
import type { Host, ReadHost } from "../host.ts";
import { asked, type Manners, transact } from "./package-manager.ts";

export interface InstalledSnap {
  readonly version: string;
  /** As `latest/stable`. */
  readonly channel: string;
  /** Without confinement. */
  readonly classic: boolean;
}

const manners: Manners = {
  env: {},
  signs: [
    [
      /change in progress/,
      "unavailable",
      "snapd is still busy with it (snap changes); the next run tries again",
    ],
    [
      /cannot communicate with server|unable to contact snap store|cannot connect|persistent network error/,
      "unavailable",
      "snapd or its store does not answer: look at systemctl status snapd and the network",
    ],
    [
      /requires classic confinement|using classic confinement/,
      "failed",
      "say classic: true if you trust it with the whole machine",
    ],
    [/not found/, "failed", "are its name and its channel right? snap find, snap info"],
  ],
};

/** By name. Empty where there is no snapd. */
export async function installedSnaps(host: ReadHost): Promise<ReadonlyMap<string, InstalledSnap>> {
  if ((await host.stat("/usr/bin/snap", { follow: true })) === undefined) return new Map();
  const argv = ["snap", "list", "--color=never", "--unicode=never"];
  const { stdout } = await asked(host, argv, manners);
  return parseSnapList(stdout);
}

/** Columns Name, Version, Rev, Tracking, Publisher and Notes; `-` is nothing. */
export function parseSnapList(printed: string): ReadonlyMap<string, InstalledSnap> {
  const found = new Map<string, InstalledSnap>();
  for (const line of printed.split("\n").slice(1)) {
    const [name = "", version = "", , tracking = "", , notes = ""] = line.trim().split(/\s+/);
    if (name === "" || tracking === "") continue;
    const classic = notes.split(",").includes("classic");
    found.set(name, { version, channel: wholeChannel(tracking), classic });
  }
  return found;
}

const risks = ["stable", "candidate", "beta", "edge"];

/** `edge` is `latest/edge`, and `1.2` is `1.2/stable`. */
export function wholeChannel(written: string): string {
  const parts = written.split("/");
  const track = risks.includes(parts[0] ?? "") ? "latest" : parts.shift();
  const [risk = "stable", branch] = parts;
  return [track, risk, ...(branch === undefined ? [] : [branch])].join("/");
}

/** One transaction. Words are `install`, `refresh` or `remove`, flags and a name. */
export const snap = async (host: Host, ...words: readonly string[]): Promise<void> => {
  await transact(host, ["snap", ...words], manners, {});
};
