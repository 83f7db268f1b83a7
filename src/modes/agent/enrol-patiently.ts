/**
 * Enrols this machine and waits for a person where one must approve. Must not know what comes after, nor how words are read.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../core/errors.ts";
import type { Os } from "../../core/host.ts";
import { version } from "../../core/version.ts";
import { type Enrolment, enrol, type Newcomer } from "./enrol.ts";
import { machineFacts } from "./facts.ts";
import type { ProxySettings } from "./proxy.ts";

/** Where to, with what, and as who: the machine's own name when it is left out. */
export type Invitation = Pick<Newcomer, "api" | "token"> & { readonly hostname?: string };

interface Patience {
  readonly home: string;
  readonly os: Os;
  /** How long to wait for an approval; 0 asks once. */
  readonly waitMs: number;
  /** Takes a new identity even when there is one. */
  readonly renew: boolean;
  /** Is told once that a person has to approve, and how. */
  readonly waits: (text: string) => void;
  readonly stop?: AbortSignal;
  readonly proxy: ProxySettings | undefined;
}

const pollMs = 5_000;

/** Rejects with `denied` when nobody approved in time; asking again later goes on where it stopped. */
export async function untilEnrolled(
  { api, token, hostname }: Invitation,
  { home, os, waitMs, renew, waits, stop, proxy }: Patience,
): Promise<Enrolment & { readonly kind: "enrolled" }> {
  const facts = machineFacts();
  const newcomer = {
    api,
    token,
    hostname: hostname ?? facts.hostname,
    machineId: facts.machineId,
    bootId: facts.bootId,
    agentVersion: version.version,
    platform: os.platform,
    arch: os.arch === "arm64" ? "arm64" : "amd64",
    ...(proxy !== undefined && { proxy }),
  } as const;
  const end = Date.now() + waitMs;
  for (let said = false; ; said = true) {
    const enrolment = await enrol(home, newcomer, { renew });
    if (enrolment.kind === "enrolled") return enrolment;
    const { requestId, keyFingerprint } = enrolment;
    if (!said)
      waits(
        `waits for approval: vigo cli enroll approve ${requestId} (this machine's key: ${keyFingerprint})`,
      );
    if (Date.now() + pollMs > end)
      throw new VigoError("denied", `request ${requestId} is not approved yet`, {
        hint: "run the same command again once it is; the keys are kept",
      });
    await sleep(pollMs, undefined, { signal: stop });
  }
}
