/**
 * Hosts of one assembly that answer alike whatever its configcrates ask of traits: the list of the first of a kind is that of all
 * the others, but for the resources that name their host. Must not know how a list is made.
 */
import { asksEnvoy, asksServer, type Decisions, fieldsAsked } from "./decisions.ts";
import { keyAt } from "./asked.ts";
import { othersLike } from "./like-first.ts";
import { type List, type Numbered, varied, variantOf } from "./listing.ts";
import type { JsonObject } from "../json.ts";
import type { Lookup } from "./declared.ts";
import type { ResolvedResource, Subject } from "./model.ts";
import type { ReadyCrate } from "./policy.ts";

/** A configcrate that names its host, as the first of a kind had it. */
export interface Naming {
  readonly crate: ReadyCrate;
  readonly first: Numbered;
  /** Where its instances begin in the list. */
  readonly start: number;
  readonly decisions: Decisions;
  readonly vars: JsonObject;
}

interface Kind {
  readonly list: List;
  readonly naming: readonly Naming[];
}

type Path = readonly string[];
type Lookups = readonly (readonly [name: string, lookup: Lookup])[];

/** Kinds of an assembly that are kept; beyond it they are forgotten and made anew. */
const kept = 200;

export class Kinds {
  readonly #known = new Map<string, Kind>();

  /** What tells hosts of the assembly apart, besides their names. */
  private constructor(readonly paths: readonly Path[]) {}

  /** Undefined where their names tell them apart in more than texts: by a condition, or by what is looked up. */
  static of(
    crates: readonly { readonly crate: ReadyCrate; readonly lookups: Lookups }[],
  ): Kinds | undefined {
    if (crates.some(({ crate, lookups }) => asksEnvoy(crate) || lookups.some(readsMore)))
      return undefined;
    const paths = crates.flatMap(({ crate, lookups }) => [
      ...crate.reads.traits,
      ...(asksServer(crate) ? fieldsAsked(crate) : []),
      ...lookups.flatMap(([, { template }]) => template.reads.flatMap(traitOf)),
    ]);
    const byText = new Map(paths.map((path) => [JSON.stringify(path), path]));
    return new Kinds([...byText.values()]);
  }

  /** Two hosts of the same text are of one kind. */
  answers({ traits }: Subject): string {
    let text = "";
    for (const path of this.paths) text += `${JSON.stringify(keyAt(traits, path))}\n`;
    return text;
  }

  /** Undefined where no host of the kind is known, or where this one is not like the first after all. */
  list(
    answers: string,
    { id, hostname, traits }: Subject,
    files: ReadonlyMap<string, Uint8Array>,
  ): List | undefined {
    const kind = this.#known.get(answers);
    if (kind === undefined || kind.naming.length === 0) return kind?.list;
    const others = new Map<number, ResolvedResource>();
    for (const { crate, first, start, decisions, vars } of kind.naming) {
      const host = { decisions, vars, traits, envoy: { id, hostname }, files };
      const found = othersLike(first, crate, host);
      if (found === undefined) return undefined;
      varied(kind.list, start, found, others);
    }
    return variantOf(kind.list, others);
  }

  keep(answers: string, list: List, naming: readonly Naming[]): void {
    if (this.#known.size >= kept) this.#known.clear();
    this.#known.set(answers, { list, naming });
  }
}

type Read = Lookup["template"]["reads"][number];

const traitOf = ({ path: [root, ...rest] }: Read): readonly Path[] =>
  root === "traits" ? [rest] : [];

/** More than vars and traits. */
const readsMore = ([, { template }]: Lookups[number]): boolean =>
  template.reads.some(({ path: [root] }) => root !== "traits" && root !== "vars");
