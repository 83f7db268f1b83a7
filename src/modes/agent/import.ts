/**
 * `vigo agent import`: a configcrate of what this machine is. What it says is held against the machine by a dry run, and what that would
 * change is left out and named, so that what is written changes nothing here. Must not know the parts, nor how words are read.
 */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { unknownWord } from "../../core/did-you-mean.ts";
import { VigoError } from "../../core/errors.ts";
import { dryRecords } from "../../core/converge/dry-records.ts";
import { collectTraits, traitValues } from "../../core/collect.ts";
import type { Host } from "../../core/host.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { resources as types } from "../../core/resources/index.ts";
import { traits } from "../../core/traits/index.ts";
import type { AgentContext } from "./command.ts";
import { enforce, thisMachine } from "./enforcement.ts";
import { localEnvoyId, machineFacts } from "./facts.ts";
import { groups, users } from "./import/accounts.ts";
import { configuration, cronJobs, kernel } from "./import/files.ts";
import type { FoundResource, Part } from "./import/found.ts";
import { mounts } from "./import/mounts.ts";
import { hosts, zone } from "./import/names.ts";
import { packages } from "./import/packages.ts";
import { services } from "./import/services.ts";
import { importedTree, type Section } from "./import/tree.ts";
import { localBundle } from "./local-policy.ts";
import { reversalsIn } from "./reversal-file.ts";

const parts: readonly Part[] = [
  packages,
  services,
  groups,
  users,
  cronJobs,
  kernel,
  mounts,
  hosts,
  zone,
  configuration,
];

export interface ImportOptions {
  /** Name of the configcrate. */
  readonly name: string;
  /** A folder that is made, or an empty one. */
  readonly output: string;
  /** Names of parts; all when empty. */
  readonly only: readonly string[];
  readonly files: readonly string[];
  /** Told of each part as it is looked at. */
  onPart?(name: string): void;
}

export interface Imported {
  readonly output: string;
  readonly resources: Readonly<Record<string, number>>;
  /** What could not be put into words that hold here. */
  readonly left_out: readonly { readonly what: string; readonly why: string }[];
}

/** Rejects with `conflict` where there is something in the folder already. */
export async function importMachine(
  context: AgentContext,
  options: ImportOptions,
): Promise<Imported> {
  const output = resolve(options.output);
  if (((await ifThere(readdir(output))) ?? []).length > 0)
    throw new VigoError("conflict", `${output} is not empty`, {
      hint: "name another folder with --output",
    });
  const host = thisMachine(context.home);
  const found: Section[] = [];
  for (const part of chosen(options.only)) {
    options.onPart?.(part.name);
    found.push({ part, resources: await part.find(host, options) });
  }
  const { hostname } = machineFacts();
  const about = `Imported from ${hostname} on ${context.now().toISOString().slice(0, 10)} by vigo agent import.`;
  const { sections, leftOut } = await proven(found, host, {
    context,
    name: options.name,
    hostname,
  });
  const tree = importedTree(options.name, hostname, about, sections);
  for (const [path, bytes] of tree.files) {
    await mkdir(dirname(join(output, path)), { recursive: true, mode: 0o700 });
    await writeFile(join(output, path), bytes, { mode: 0o600, flag: "wx" });
  }
  return {
    output,
    resources: Object.fromEntries(
      sections.map(({ part, resources }) => [part.name, resources.length]),
    ),
    left_out: leftOut,
  };
}

function chosen(only: readonly string[]): readonly Part[] {
  const names = parts.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new VigoError("invalid", unknownWord("part", unknown, names), {
      hint: `parts are ${names.join(", ")}`,
    });
  return parts.filter(({ name }) => only.length === 0 || only.includes(name));
}

/** Each resource by itself, so that one that cannot be said takes no other with it. */
async function proven(found: readonly Section[], host: Host, place: Place) {
  const leftOut: { what: string; why: string }[] = [];
  const sections: Section[] = [];
  for (const { part, resources } of found) {
    const kept: FoundResource[] = [];
    for (const resource of resources) {
      const why = await objection(part, resource, host, place);
      if (why === undefined) kept.push(resource);
      else leftOut.push({ what: titleOf(resource), why });
    }
    sections.push({ part, resources: kept });
  }
  return { sections, leftOut };
}

interface Place {
  readonly context: AgentContext;
  readonly name: string;
  readonly hostname: string;
}

const titleOf = ({ type, params }: FoundResource) => {
  const main = types.find((one) => one.name === type)?.main;
  return `${type} ${String(params[main ?? ""] ?? "")}`.trim();
};

/** Why a resource does not say what is here; undefined: it does. */
async function objection(
  part: Section["part"],
  resource: FoundResource,
  host: Host,
  { context, name, hostname }: Place,
): Promise<string | undefined> {
  // What looks like a template would be rendered.
  if (/\{[{%]/.test(JSON.stringify(resource.params))) return "it has {{ or {% in it";
  const id = localEnvoyId(machineFacts().machineId);
  const tree = importedTree(name, hostname, "", [{ part, resources: [resource] }]);
  try {
    const { bundle } = await localBundle(
      { tree },
      { id, hostname, collect: (asked) => values(asked, host) },
    );
    const report = await enforce(bundle.body, {
      home: context.home,
      host,
      envoy: { id, hostname },
      policyVersion: 0,
      records: dryRecords(),
      reversals: reversalsIn(context.home),
      log: context.log,
      sections: [],
      dryRun: true,
    });
    const [row] = report.resources.filter(({ outcome }) => outcome !== "ok");
    if (row === undefined) return undefined;
    const fields = row.changes.map(
      ({ field, from, to }) => `${field}: ${from ?? "absent"}, would be ${to ?? "absent"}`,
    );
    return row.reason ?? fields.join("; ");
  } catch (error) {
    if (error instanceof VigoError) return error.message;
    throw error;
  }
}

const values = async (sections: readonly string[], host: Host) =>
  traitValues(
    (await collectTraits(traits, host, { only: new Set(sections), previous: [] })).sections,
  );
