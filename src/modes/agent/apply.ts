/**
 * `vigo agent apply`: resolves a policy for this machine and enforces it, with no server and no identity. Its records are its
 * own, below the home, so that the next apply tells drift from intent. Must not know how words are read.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import type { Body } from "../../core/bundle/body.ts";
import { collectTraits, type Section, traitValues } from "../../core/collect.ts";
import { dryRecords } from "../../core/converge/dry-records.ts";
import type { Filter } from "../../core/converge/filter.ts";
import type { RunRecords } from "../../core/converge/records.ts";
import type { ResourceReport, RunReport } from "../../core/converge/report.ts";
import type { Host } from "../../core/host.ts";
import { traits } from "../../core/traits/index.ts";
import { peek, openCarefully } from "./cache-open.ts";
import { type Cache, recordsIn } from "./cache.ts";
import type { AgentContext } from "./command.ts";
import { enforce, thisMachine } from "./enforcement.ts";
import type { SecretProofs } from "../../core/converge/secrets.ts";
import { localEnvoyId, machineFacts } from "./facts.ts";
import { paths } from "./home.ts";
import { type LocalSource, localSource } from "./local-source.ts";
import { reversalsIn } from "./reversal-file.ts";
import { keep, recall, type Resolution, resolutionKey } from "./resolution-cache.ts";
import { secretProofKey } from "./identity.ts";
import { secretsFrom } from "./secret-folder.ts";
import { hmacWith, proofsIn } from "./secret-proofs.ts";
import { takeLock } from "./run-lock.ts";

export interface ApplyOptions {
  readonly source: string;
  readonly dryRun: boolean;
  /** The name that hostcrates match (d: this machine's). */
  readonly hostname?: string;
  readonly filter: Filter;
  /** Once aborted, no further resource begins … */
  readonly signal?: AbortSignal;
  /** … and once this is, commands under way are stopped. */
  readonly kill?: AbortSignal;
  /** A folder with a file for each secret. */
  readonly secrets?: string;
  onResource?(report: ResourceReport): void;
}

export async function apply(context: AgentContext, options: ApplyOptions): Promise<RunReport> {
  const home = homeOf(context);
  if (options.dryRun) return converge(context, options, home, await rememberedOf(home));
  const lock = takeLock(paths(home).lock);
  try {
    const cache = await openCarefully(recordsHome(home), context.log, context.now);
    try {
      const key = await secretProofKey(recordsHome(home));
      const report = await converge(context, options, home, rememberedIn(cache, key));
      return report;
    } finally {
      await cache.close();
    }
  } finally {
    lock.release();
  }
}

/** An enrolled machine's records are about its bundle; these are about what is applied by hand. */
const recordsHome = (home: string) => join(home, "apply");

/** Who is not root may apply what needs no root, and has a place of their own for it. */
function homeOf({ settings }: AgentContext): string {
  if (!settings.isDefaultHome || process.getuid === undefined || process.getuid() === 0)
    return settings.home;
  return join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "vigo-envoy");
}

interface Remembered {
  readonly records: RunRecords;
  readonly sections: readonly Section[];
  readonly proofs: SecretProofs | undefined;
  keep(sections: readonly Section[]): void;
}

const rememberedIn = (cache: Cache, key: Uint8Array): Remembered => ({
  records: recordsIn(cache),
  proofs: proofsIn(cache, key),
  sections: cache.get("traits") ?? [],
  keep: (sections) => cache.set("traits", sections),
});

/** A dry run reads what there is and leaves nothing behind. */
async function rememberedOf(home: string): Promise<Remembered> {
  const found = await peek(recordsHome(home), (cache) => ({
    enforced: recordsIn(cache).enforced(),
    looks: cache.get("looks"),
    owed: cache.get("debts") ?? [],
    sections: cache.get("traits") ?? [],
    proofs: cache.get("proofs"),
  }));
  const { enforced = new Map<string, string>(), owed = [], sections = [] } = found ?? {};
  const records = dryRecords({
    enforced: () => enforced,
    looks: () => found?.looks,
    owed: () => owed,
  });
  const proofs = found?.proofs && (await proofsToRead(found.proofs, recordsHome(home)));
  return { records, sections, proofs, keep: () => undefined };
}

const proofsToRead = async (
  proofs: ReturnType<SecretProofs["all"]>,
  home: string,
): Promise<SecretProofs> => ({
  all: () => proofs,
  hmac: hmacWith(await secretProofKey(home)),
  keep: async () => undefined,
});

async function converge(
  context: AgentContext,
  { source, dryRun, hostname, filter, secrets, signal, kill, onResource }: ApplyOptions,
  home: string,
  remembered: Remembered,
): Promise<RunReport> {
  const facts = machineFacts();
  const host = thisMachine(home, undefined, kill);
  const traitsOf = new CollectedTraits(host, context, remembered.sections);
  const envoy = { id: localEnvoyId(facts.machineId), hostname: hostname ?? facts.hostname };
  const files = await localSource(source);
  const { body, digest, warnings } = await resolution(
    files,
    envoy,
    traitsOf,
    recordsHome(home),
    dryRun,
  );
  for (const warning of warnings) context.screen.err(warning);
  if (traitsOf.isNew) remembered.keep(traitsOf.sections);
  return enforce(body, {
    home,
    host,
    envoy,
    policyVersion: 0,
    bodyDigest: digest,
    records: remembered.records,
    reversals: reversalsIn(recordsHome(home)),
    log: context.log,
    sections: traitsOf.sections,
    secrets: await secretsFrom(secrets, body.secrets, remembered.proofs),
    dryRun,
    ...(filter.only.length + filter.skip.length > 0 && { filter }),
    ...(signal && { signal }),
    ...(onResource && { onResource }),
  });
}

/** The body of this machine: remembered when nothing it was made of has changed, else resolved, and remembered. */
async function resolution(
  source: LocalSource,
  envoy: { readonly id: string; readonly hostname: string },
  traitsOf: CollectedTraits,
  home: string,
  dryRun: boolean,
): Promise<Pick<Resolution, "body" | "digest" | "warnings">> {
  const key = await resolutionKey(source, envoy);
  const known = key === undefined ? undefined : await recall(home, key);
  if (known !== undefined && (await traitsOf.still(known.sections))) return known;
  const { localBundle } = await import("./local-policy.ts");
  const { bundle, warnings } = await localBundle(source, {
    ...envoy,
    collect: (names) => traitsOf.collect(names),
  });
  // As it would have travelled: records tell drift by the order of keys that this reading gives.
  const body = JSON.parse(new TextDecoder().decode(bundle.encoded.bytes)) as Body;
  const sections = traitsOf.hashes();
  const digest = Buffer.from(bundle.encoded.digest).toString("base64url");
  if (key !== undefined && !dryRun) await keep(home, { key, sections, warnings, body, digest });
  return { body, digest, warnings };
}

/** Collects section by section as they are asked for. */
class CollectedTraits {
  readonly #host: Host;
  readonly #context: AgentContext;
  #sections: readonly Section[];
  readonly #asked = new Set<string>();
  isNew = false;

  constructor(host: Host, context: AgentContext, sections: readonly Section[]) {
    this.#host = host;
    this.#context = context;
    this.#sections = sections;
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  async collect(names: readonly string[]) {
    const only = new Set(names);
    for (const name of names) this.#asked.add(name);
    const before = this.#sections;
    const { sections, failures } = await collectTraits(traits, this.#host, {
      only,
      previous: before,
    });
    for (const { name, reason } of failures)
      this.#context.log.warn("trait not collected", { name, reason });
    this.isNew ||= sections.some(
      ({ name, hash }) => before.find((one) => one.name === name)?.hash !== hash,
    );
    this.#sections = sections;
    return traitValues(sections.filter(({ name }) => only.has(name)));
  }

  /** Hash by section, of those that were asked for; empty where this machine has no such thing. */
  hashes(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#asked].map((name) => [name, this.#hash(name)]));
  }

  /** Do these sections still have these values? */
  async still(hashes: Readonly<Record<string, string>>): Promise<boolean> {
    const names = Object.keys(hashes);
    if (names.length > 0) await this.collect(names);
    return names.every((name) => this.#hash(name) === hashes[name]);
  }

  #hash(name: string): string {
    return this.#sections.find((section) => section.name === name)?.hash ?? "";
  }
}
