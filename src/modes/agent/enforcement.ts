/**
 * One run on this very machine: the engine of core with the real machine, this program's types, and traits collected as
 * conditions ask for them. Must not know where the body came from, nor who is told.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Body } from "../../core/bundle/body.ts";
import { collectTraits, type Section } from "../../core/collect.ts";
import type { Filter } from "../../core/converge/filter.ts";
import type { RunRecords } from "../../core/converge/records.ts";
import type { Reversals } from "../../core/converge/reversals.ts";
import type { SecretAccess } from "../../core/converge/secrets.ts";
import type { ResourceReport, RunReport } from "../../core/converge/report.ts";
import { runBody } from "../../core/converge/run.ts";
import { VigoError } from "../../core/errors.ts";
import type { AgentFacts, Host } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { redactedLog } from "../../core/redact.ts";
import { resources } from "../../core/resources/index.ts";
import { traits } from "../../core/traits/index.ts";
import { version } from "../../core/version.ts";
import { paths } from "./home.ts";
import { settleLeft } from "./machine/at-work.ts";
import { machine } from "./machine/machine.ts";
import { ownPlaces } from "./own-places.ts";

export interface Enforcement {
  readonly home: string;
  readonly host: Host;
  readonly envoy: { readonly id: string; readonly hostname: string };
  readonly policyVersion: number;
  /** Of the body, as it was verified. */
  readonly bodyDigest?: string | undefined;
  readonly records: RunRecords;
  readonly reversals: Reversals;
  readonly log: Log;
  /** Traits that are known already; those that are due are collected again when a condition reads them. */
  readonly sections: readonly Section[];
  readonly dryRun: boolean;
  readonly filter?: Filter;
  readonly secrets?: SecretAccess | undefined;
  readonly signal?: AbortSignal;
  onResource?(report: ResourceReport): void;
}

/** The machine of one run. */
export const thisMachine = (
  home: string,
  facts?: Omit<AgentFacts, "version">,
  kill?: AbortSignal,
): Host =>
  machine({
    ...(kill && { kill }),
    snapshots: paths(home).snapshots,
    atWork: paths(home).atWork,
    notes: paths(home).notes,
    agent: { version: version.version, ...facts },
  });

export async function enforce(body: Body, given: Enforcement): Promise<RunReport> {
  const { home, signal, host, onResource, secrets } = given;
  const log = secrets === undefined ? given.log : redactedLog(given.log, secrets.redactor);
  if (!given.dryRun) await settleLeft(paths(home).atWork, (message) => log.info(message));
  return runBody(body, {
    types: resources,
    traitTypes: traits,
    host: { ...host, tell: (message) => log.info(message) },
    envoy: given.envoy,
    policyVersion: given.policyVersion,
    records: given.records,
    reversals: given.reversals,
    program: `${version.version} ${version.commit}`,
    protectedPaths: await ownPlaces(home),
    dryRun: given.dryRun,
    ...(given.bodyDigest !== undefined && { bodyDigest: given.bodyDigest }),
    ...(given.filter && { filter: given.filter }),
    ...(signal && { signal }),
    ...(secrets && { secrets }),
    trait: traitSource(host, given.sections, log),
    pause: (ms) => pause(ms, signal),
    // What an operation failed with is in the report, in words. The rest is a bug of ours.
    onError: (key, error) => {
      if (!(error instanceof VigoError))
        log.error("resource failed", { key, error: stackOf(error) });
    },
    ...(onResource && { onResource: (report) => onResource(report) }),
  });
}

/** Each section is collected once a run, if it is due. */
function traitSource(host: Host, sections: readonly Section[], log: Log) {
  const asked = new Map<string, Promise<Json | undefined>>();
  const collect = async (name: string): Promise<Json | undefined> => {
    const found = await collectTraits(traits, host, {
      only: new Set([name]),
      previous: sections.filter((section) => section.name === name),
    });
    for (const { reason } of found.failures) log.warn("trait not collected", { name, reason });
    return found.sections.find((section) => section.name === name)?.value ?? undefined;
  };
  return (name: string): Promise<Json | undefined> => {
    const known = asked.get(name) ?? collect(name);
    asked.set(name, known);
    return known;
  };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return false;
    throw error;
  }
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
