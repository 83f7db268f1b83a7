/**
 * Shares the work of resolving a policy for many hosts. What a configcrate renders to is a function of the vars, traits and
 * decisions it reads, and analysis knows those before: ten thousand hosts with two hundred different answers render two hundred
 * times. Must not know how a hostcrate is found.
 */
import type { Json, JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import { type Assembly, assemble, crateVars } from "./assembly.ts";
import { type Decisions, decisionsOf, sectionsAsked } from "./decisions.ts";
import { edgesOf, indexLinks, type LinkIndex, missing } from "./edges.ts";
import { problemAt } from "./findings.ts";
import { limits } from "./limits.ts";
import type { ResolvedResource, Subject } from "./model.ts";
import type { Policy, ReadyCrate, ReadyHostcrate } from "./policy.ts";
import { type Instance, type RenderedCrate, renderCrate } from "./render.ts";
import { isMap } from "./vars.ts";

interface Numbered extends RenderedCrate {
  /** Two renderings of one number are the same object. */
  readonly number: number;
  readonly sections: readonly string[];
}

interface List {
  readonly resources: readonly ResolvedResource[];
  readonly problems: readonly Problem[];
}

/** Renderings kept for each policy; beyond it they are forgotten and made anew. */
const kept = { crates: 50_000, lists: 10_000 };

export class Memo {
  readonly #assemblies = new Map<
    string,
    { readonly assembly: Assembly; readonly number: number }
  >();
  readonly #vars = new WeakMap<Assembly, Map<string, { vars: JsonObject; key: string }>>();
  readonly #crates = new Map<string, Numbered>();
  readonly #lists = new Map<string, List>();
  readonly #hostcrates: ReadonlyMap<ReadyHostcrate, number>;
  readonly #links: LinkIndex;
  #next = 0;

  constructor(readonly policy: Policy) {
    this.#links = indexLinks(policy.links);
    this.#hostcrates = new Map(policy.hostcrates.map((hostcrate, index) => [hostcrate, index]));
  }

  assembly(hostcrate: ReadyHostcrate, family: string | undefined) {
    const key = `${this.#hostcrates.get(hostcrate)} ${family ?? ""}`;
    const known = this.#assemblies.get(key);
    if (known !== undefined) return known;
    const assembly = assemble(this.policy.declared, hostcrate.declared, family);
    const made = { assembly, number: this.#assemblies.size };
    this.#assemblies.set(key, made);
    return made;
  }

  crate(crate: ReadyCrate, assembly: Assembly, subject: Subject): Numbered {
    const { vars, key: varsKey } = this.#varsOf(crate, assembly);
    const types = this.policy.registries.traits;
    const decisions = decisionsOf(crate, { subject, assembly, vars, types });
    const key = `${crate.declared.name}\n${varsKey}\n${inputsKey(crate, decisions, subject)}`;
    const known = this.#crates.get(key);
    if (known !== undefined) return known;
    const { id, hostname, traits } = subject;
    const files = this.policy.declared.templates;
    const rendered = renderCrate(crate, {
      decisions,
      vars,
      traits,
      envoy: { id, hostname },
      files,
    });
    if (this.#crates.size >= kept.crates) this.#crates.clear();
    const made = { ...rendered, number: this.#next++, sections: sectionsOf(crate, decisions) };
    this.#crates.set(key, made);
    return made;
  }

  #varsOf(crate: ReadyCrate, assembly: Assembly) {
    const byCrate =
      this.#vars.get(assembly) ?? new Map<string, { vars: JsonObject; key: string }>();
    this.#vars.set(assembly, byCrate);
    const known = byCrate.get(crate.declared.name);
    if (known !== undefined) return known;
    const vars = crateVars(crate.declared, assembly);
    const read = crate.reads.vars.includes("*") ? Object.keys(vars).sort() : crate.reads.vars;
    const made = { vars, key: JSON.stringify(read.map((name) => keyAt(vars, [name]))) };
    byCrate.set(crate.declared.name, made);
    return made;
  }

  /** What noop says comes from the hostcrate and the environment, so the assembly is part of the key. */
  list(assembly: Assembly, number: number, rendered: readonly Numbered[]): List {
    const key = `${number}\n${rendered.map((crate) => crate.number).join(",")}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    if (this.#lists.size >= kept.lists) this.#lists.clear();
    const made = this.#list(assembly, rendered);
    this.#lists.set(key, made);
    return made;
  }

  #list({ crates, noop, hostcrate }: Assembly, rendered: readonly Numbered[]): List {
    const problems = rendered.flatMap((crate) => crate.problems);
    if (problems.length > 0) return { resources: [], problems };
    const instances = rendered.flatMap((crate) => crate.instances);
    const names = new Set(crates.map(({ name }) => name));
    const noops = new Set(crates.filter((crate) => noop || crate.noop).map(({ name }) => name));
    if (instances.length > limits.resourcesPerEnvoy)
      return {
        resources: [],
        problems: [
          problemAt("VG904", hostcrate.place, `${instances.length}`, {
            message: `${instances.length} resources on one host; ${limits.resourcesPerEnvoy} are the most`,
          }),
        ],
      };
    const edges = edgesOf(instances, names, this.#links);
    const absent = this.policy.links
      .filter(({ required, from, to }) => required && names.has(from.crate) && !names.has(to.crate))
      .map(({ from, to, place }) => missing(from, to, place));
    return {
      resources: instances.map((instance) => resolved(instance, edges, noops.has(instance.crate))),
      problems: [...edges.problems, ...absent],
    };
  }
}

function resolved(
  instance: Instance,
  edges: ReturnType<typeof edgesOf>,
  noop: boolean,
): ResolvedResource {
  const { declared } = instance.resource;
  const { type, place, timeoutMs, retries, sensitive } = declared;
  return {
    key: instance.key,
    type: type.name,
    params: instance.params,
    ...(instance.when === undefined ? {} : { when: instance.when }),
    needs: edges.needs.get(instance) ?? [],
    notifies: edges.notifies.get(instance) ?? [],
    ...(noop || declared.noop ? { noop: true } : {}),
    ...(sensitive ? { sensitive: true } : {}),
    ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
    ...(retries === undefined ? {} : { retries }),
    place,
  };
}

/** Everything of a host that a rendering of this configcrate depends on, besides vars. */
function inputsKey({ reads }: ReadyCrate, decisions: Decisions, subject: Subject): string {
  const decided = [decisions.crate, ...decisions.resources].join(" ");
  if (decisions.crate === "out") return decided;
  const envoy = { id: subject.id, hostname: subject.hostname };
  const fields = reads.envoy.includes("*")
    ? [envoy]
    : reads.envoy.map((field) => keyAt(envoy, [field]));
  const traits = reads.traits.map((path) => keyAt(subject.traits, path));
  return JSON.stringify([decided, fields, traits]);
}

/** What is left out reads no traits for its texts. */
const sectionsOf = (crate: ReadyCrate, decisions: Decisions): readonly string[] =>
  unique([
    ...sectionsAsked(crate),
    ...(decisions.crate === "out" ? [] : crate.reads.traits.flatMap(([section]) => section ?? [])),
  ]);

/** What stands at a path, in a list of its own; an empty one for nothing. Where keys end (a list, `size`), all that is there. */
function keyAt(values: Readonly<Record<string, Json>>, path: readonly string[]): readonly Json[] {
  let value: Json = values;
  for (const key of path) {
    if (!isMap(value)) return [value];
    const inner: Json | undefined = value[key];
    if (inner === undefined) return ["size", "first", "last"].includes(key) ? [value] : [];
    value = inner;
  }
  return [value];
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
