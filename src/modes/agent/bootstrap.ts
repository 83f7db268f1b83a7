/**
 * From a bare machine with a token to a running agent: enrols, waits for a person where one must approve, and installs the
 * service. Must not know how words are read.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../core/errors.ts";
import type { Host } from "../../core/host.ts";
import { version } from "../../core/version.ts";
import { type Enrolment, enrol } from "./enrol.ts";
import { machineFacts } from "./facts.ts";
import { defaultHome } from "./home.ts";
import { cannotInstall, installService } from "./install-service.ts";

export interface BootstrapOptions {
  readonly home: string;
  readonly api: string;
  readonly token: string;
  /** As reported by the machine when left out. */
  readonly hostname?: string;
  readonly service: boolean;
  /** Takes a new identity even when there is one. */
  readonly force: boolean;
  /** How long to wait for an approval; 0 asks once. */
  readonly waitMs: number;
  /** What happens, for a person who watches. */
  readonly say: (text: string) => void;
}

export interface Bootstrapped {
  readonly envoy_id: string;
  readonly hostname: string;
  readonly server: string;
  /** False: it was enrolled before, and stays who it is. */
  readonly fresh: boolean;
  readonly service: "installed" | "left alone";
}

export async function bootstrap(host: Host, options: BootstrapOptions): Promise<Bootstrapped> {
  const enrolled = await approved(host, options);
  const { about } = enrolled.identity;
  const installed = await service(host, options);
  return {
    envoy_id: about.envoy_id,
    hostname: about.hostname,
    server: about.api,
    fresh: enrolled.fresh,
    service: installed ? "installed" : "left alone",
  };
}

const pollMs = 5_000;

/** Rejects with `denied` when nobody approved in time; asking again later goes on where it stopped. */
async function approved(
  { os }: Host,
  options: BootstrapOptions,
): Promise<Enrolment & { readonly kind: "enrolled" }> {
  const facts = machineFacts();
  const newcomer = {
    api: options.api,
    token: options.token,
    hostname: options.hostname ?? facts.hostname,
    machineId: facts.machineId,
    bootId: facts.bootId,
    agentVersion: version.version,
    platform: os.platform,
    arch: os.arch === "arm64" ? "arm64" : "amd64",
  } as const;
  const end = Date.now() + options.waitMs;
  for (let said = false; ; said = true) {
    const enrolment = await enrol(options.home, newcomer, { renew: options.force });
    if (enrolment.kind === "enrolled") return enrolment;
    const { requestId, keyFingerprint } = enrolment;
    if (!said)
      options.say(
        `waits for approval: vigo cli enroll approve ${requestId} (this machine's key: ${keyFingerprint})`,
      );
    if (Date.now() + pollMs > end)
      throw new VigoError("denied", `request ${requestId} is not approved yet`, {
        hint: "run the same command again once it is; the keys are kept",
      });
    await sleep(pollMs);
  }
}

async function service(host: Host, { home, service: wanted, say }: BootstrapOptions) {
  const reason = wanted ? cannotInstall(host) : "--no-service";
  if (reason !== undefined) {
    say(`no service installed: ${reason}; start it with: vigo agent daemon --home ${home}`);
    return false;
  }
  await installService(host, home === defaultHome ? undefined : home);
  say("vigo-agent.service is enabled and running; journalctl -u vigo-agent shows what it does");
  return true;
}
