/**
 * What this machine must be, worked out without a server: through the same gates and the same resolution as on a server
 * (docs/design/server.md, `apply`). Must not know where the files are, nor how it is enforced.
 */
import { type Bundle, bundleFor, compile } from "../../core/bundle/compile.ts";
import type { Json } from "../../core/json.ts";
import type { Registries, Tree } from "../../core/policy/model.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { printProblem } from "../../core/problem.ts";
import { resources } from "../../core/resources/index.ts";
import { traits } from "../../core/traits/index.ts";
import { type LocalSource, wrong } from "./local-source.ts";

const registries: Registries = { resources, traits };

export interface LocalSubject {
  readonly id: string;
  readonly hostname: string;
  /** Values of these sections; asked for what the policy reads, and no other. */
  collect(sections: readonly string[]): Promise<Readonly<Record<string, Json>>>;
}

export interface LocalBundle {
  readonly bundle: Bundle;
  readonly warnings: readonly string[];
}

/** Rejects with `failed`, and all problems in its message. */
export async function localBundle(
  source: LocalSource,
  subject: LocalSubject,
): Promise<LocalBundle> {
  const { policy, problems, warnings } = compile(wholeOf(source), registries);
  if (policy === undefined || problems.length > 0) throw wrong(problems);
  return { bundle: await resolved(policy, subject), warnings: warnings.map(printProblem) };
}

/** For one file, a tree that includes the configcrates of that file and no other. */
function wholeOf({ tree, own }: LocalSource): Tree {
  if (own === undefined) return tree;
  const names = namesIn(tree.files, own);
  return { files: new Map([...tree.files, ["envoys.vgo", includes(names)]]) };
}

function namesIn(around: ReadonlyMap<string, Uint8Array>, own: string): readonly string[] {
  const { policy, problems } = compile({ files: around }, registries);
  if (policy === undefined) throw wrong(problems);
  const crates = [...policy.declared.configcrates.values()];
  return crates.filter(({ place }) => place.file === own).map(({ name }) => name);
}

/** JSON is YAML. */
const includes = (names: readonly string[]): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ envoys: [{ match: "*", configcrates: names }] }));

/** Resolved until it reads no section that it has not been given. */
async function resolved(policy: Policy, subject: LocalSubject): Promise<Bundle> {
  const given: Record<string, Json> = {};
  const known = new Set<string>();
  for (;;) {
    const asked = new Set<string>();
    const watched = watching(given, (section) => {
      if (!known.has(section)) asked.add(section);
    });
    const bundle = bundleFor(
      policy,
      { id: subject.id, hostname: subject.hostname, traits: watched },
      registries,
    );
    if (asked.size === 0) {
      if (bundle.kind === "bundle") return bundle;
      throw wrong(bundle.problems);
    }
    for (const section of asked) known.add(section);
    Object.assign(given, await subject.collect([...asked]));
  }
}

/** Tells which sections are asked for; who asks for all of them asks for each. */
function watching(given: Readonly<Record<string, Json>>, ask: (section: string) => void) {
  const asking = (name: string | symbol) => {
    if (typeof name === "string" && traits.some((trait) => trait.name === name)) ask(name);
  };
  return new Proxy(given, {
    get: (target, name) => {
      asking(name);
      return Reflect.get(target, name) as Json;
    },
    has: (target, name) => {
      asking(name);
      return Reflect.has(target, name);
    },
    getOwnPropertyDescriptor: (target, name) => {
      asking(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    ownKeys: (target) => {
      for (const { name } of traits) ask(name);
      return Reflect.ownKeys(target);
    },
  });
}
