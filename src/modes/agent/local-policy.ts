/**
 * What this machine must be, worked out without a server: a stacks tree, or one configcrate, through the same gates and the same
 * resolution as on a server (docs/design/server.md, `apply`). Must not know how it is enforced.
 */
import * as files from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Bundle, bundleFor, compile } from "../../core/bundle/compile.ts";
import { VigoError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { loadTree } from "../../core/policy/load.ts";
import type { Registries, Tree } from "../../core/policy/model.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { type Problem, printProblem } from "../../core/problem.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { resources } from "../../core/resources/index.ts";
import { traits } from "../../core/traits/index.ts";

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

/** `source` is a stacks tree or a file with a configcrate. Rejects with `failed`, and all problems in its message. */
export async function localBundle(source: string, subject: LocalSubject): Promise<LocalBundle> {
  const stat = await ifThere(files.stat(source));
  if (stat === undefined)
    throw new VigoError("missing", `${source} is not there`, {
      hint: "name a stacks tree or a configcrate's file",
    });
  const tree = stat.isDirectory() ? await wholeTree(source) : await oneCrate(resolve(source));
  const { policy, problems, warnings } = compile(tree, registries);
  if (policy === undefined || problems.length > 0) throw wrong(problems);
  return { bundle: await resolved(policy, subject), warnings: warnings.map(printProblem) };
}

async function wholeTree(root: string): Promise<Tree> {
  const { tree, problems } = await loadTree(files, root);
  if (problems.length > 0) throw wrong(problems);
  return tree;
}

/**
 * A file below some `configcrates/` has its neighbours and templates at hand, as in its stacks tree; another one has the
 * `templates/` beside it. Only the configcrates of the file itself are applied.
 */
async function oneCrate(path: string): Promise<Tree> {
  const root = rootOf(path);
  const own = root === undefined ? `configcrates/${basename(path)}` : path.slice(root.length + 1);
  const around = new Map<string, Uint8Array>();
  const beside = root ?? dirname(path);
  for (const folder of root === undefined ? ["templates"] : ["configcrates", "templates"]) {
    if ((await ifThere(files.stat(join(beside, folder)))) === undefined) continue;
    const { files: found } = await wholeTree(join(beside, folder));
    for (const [name, bytes] of found) around.set(`${folder}/${name}`, bytes);
  }
  around.set(own, await files.readFile(path));
  return { files: new Map([...around, ["envoys.vgo", includes(namesIn(around, own))]]) };
}

/** The folder that holds `configcrates/`, when the file is below one. */
function rootOf(path: string): string | undefined {
  const at = path.lastIndexOf("/configcrates/");
  return at <= 0 ? undefined : path.slice(0, at);
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

function wrong(problems: readonly Problem[]): VigoError {
  const [first] = problems;
  const title = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return new VigoError(
    "failed",
    first === undefined
      ? "this policy cannot be applied"
      : `${title} in the policy\n${problems.map(printProblem).join("\n")}`,
  );
}
