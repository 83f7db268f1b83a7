/**
 * From a bare machine with a token to a running agent: enrols, waits for a person where one must approve, and installs the
 * service. For an image that many machines are made of, all of it but the enrolment is done now. Must not know how words are read.
 */
import type { Host } from "../../core/host.ts";
import { defer } from "./deferred.ts";
import type { Enrolment } from "./enrol.ts";
import { untilEnrolled } from "./enrol-patiently.ts";
import { keepProxy } from "./keep-proxy.ts";
import type { ProxySettings } from "./proxy.ts";
import { cannotInstall, serviceOf } from "./service/service.ts";
import { configPath } from "./settings.ts";

export interface BootstrapOptions {
  readonly home: string;
  readonly api: string;
  readonly token: string;
  /** As reported by the machine when left out. */
  readonly hostname?: string;
  readonly service: boolean;
  /** Enrols at the next start of the machine, not now. */
  readonly defer: boolean;
  /** Takes a new identity even when there is one. */
  readonly force: boolean;
  /** How long to wait for an approval; 0 asks once. */
  readonly waitMs: number;
  readonly proxy: ProxySettings | undefined;
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

export interface Deferred {
  readonly deferred: true;
  readonly server: string;
  readonly service: "installed" | "left alone";
}

export async function bootstrap(
  host: Host,
  options: BootstrapOptions,
): Promise<Bootstrapped | Deferred> {
  if (options.defer) {
    const { home, api, token, hostname } = options;
    await defer(home, { api, token, ...(hostname !== undefined && { hostname }) });
    return { deferred: true, server: api, service: await service(host, options) };
  }
  const { identity, fresh } = await approved(host, options);
  const { envoy_id, hostname, api: server } = identity.about;
  return { envoy_id, hostname, server, fresh, service: await service(host, options) };
}

/** Rejects with `denied` when nobody approved in time; asking again later goes on where it stopped. */
function approved(
  { os }: Host,
  { home, api, token, hostname, force, waitMs, say, proxy }: BootstrapOptions,
): Promise<Enrolment & { readonly kind: "enrolled" }> {
  const as = { home, os, waitMs, renew: force, waits: say, proxy };
  return untilEnrolled({ api, token, ...(hostname !== undefined && { hostname }) }, as);
}

async function service(
  host: Host,
  { home, service: wanted, defer: isLater, say, proxy }: BootstrapOptions,
): Promise<Bootstrapped["service"]> {
  const reason = wanted ? cannotInstall(host) : "nobody asked for one";
  const found = serviceOf(host, home);
  if (reason !== undefined || found === undefined) {
    say(`no service installed: ${reason}; start it with: vigo agent daemon --home ${home}`);
    return "left alone";
  }
  if (proxy !== undefined) await keepProxy(configPath, proxy);
  await found.install(!isLater);
  const state = isLater ? "and begins when the machine starts" : "and running";
  say(`${found.name} is enabled ${state}; vigo agent logs shows what it does`);
  return "installed";
}
