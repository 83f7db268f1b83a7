/**
 * What the agents of the fleet know, where that is not what this server knows: each program is asked once, by the digest that
 * its check-ins bring. After a restart an envoy is taken to run what its version was last, until it says so. Must not know policies.
 */
import { z } from "zod";
import { type Knowledge, readKnowledge } from "../../../core/bundle/knowledge.ts";
import { ownKnowledge, ownKnowledgeDigest } from "../../../core/bundle/own-knowledge.ts";
import { version } from "../../../core/version.ts";
import type { MetaStore } from "../store/store.ts";
import type { Envoy } from "./envoy.ts";

/** Programs; a fleet has a handful. */
const most = 100;
/** Versions that are written down, those heard of last. */
const mostKept = 20;

const nothing = "";
const digestLength = 32;
const fact = "agents.knowledge";

/** A version and what its program knows, as it was told. */
interface Told {
  readonly digest: string;
  readonly text: string;
}

export class AgentKnowledge {
  readonly #known = new Map<string, Knowledge>();
  readonly #texts = new Map<string, string>();
  /** Which program a version was, the last one heard of at the end. */
  readonly #versions = new Map<string, string>();
  readonly #envoys: () => Iterable<Envoy>;
  #isOwed = false;

  constructor(envoys: () => Iterable<Envoy>) {
    this.#envoys = envoys;
  }

  /** What was written down before this server began. What it knows itself is for the next one, which may be newer. */
  async open(meta: Pick<MetaStore, "get">): Promise<void> {
    for (const [name, { digest, text }] of read(await meta.get(fact))) {
      this.#learn(digest, Buffer.from(text));
      if (this.#known.has(digest)) this.#versions.set(name, digest);
    }
    if (ownKnowledge === "") return;
    this.#texts.set(own(), ownKnowledge);
    this.#note(version.version, own());
  }

  /** To be called now and then. */
  async keep(meta: Pick<MetaStore, "set">): Promise<void> {
    if (!this.#isOwed) return;
    this.#isOwed = false;
    const kept = [...this.#versions].flatMap(([name, digest]) => {
      const text = this.#texts.get(digest);
      return text === undefined ? [] : [[name, { digest, text }] as const];
    });
    try {
      await meta.set(fact, JSON.stringify(kept));
    } catch (error) {
      this.#isOwed = true;
      throw error;
    }
  }

  /** A check-in was heard. `told` is empty where it was not asked for; what cannot be read is as if it had not come. */
  heard(envoy: Envoy, digest: Uint8Array, told: Uint8Array): void {
    const ours =
      digest.length !== digestLength || Buffer.compare(digest, ownKnowledgeDigest()) === 0;
    const key = ours ? nothing : base64(digest);
    if (envoy.program !== key) envoy.program = key;
    if (key === nothing) return;
    if (told.length > 0 && !this.#known.has(key) && this.#hasRoom()) this.#learn(key, told);
    if (this.#known.has(key) && this.#versions.get(envoy.agentVersion) !== key)
      this.#note(envoy.agentVersion, key);
  }

  /** Nobody has said yet what this program knows. */
  isWanted({ program = nothing }: Envoy): boolean {
    return program !== nothing && !this.#known.has(program);
  }

  /** Undefined: it knows what this server does, or nobody can tell. */
  of({ program, agentVersion }: Envoy): Knowledge | undefined {
    return this.#known.get(program ?? this.#versions.get(agentVersion) ?? nothing);
  }

  #learn(key: string, told: Uint8Array): void {
    const knowledge = readKnowledge(told, Buffer.from(key, "base64url"));
    if (knowledge === undefined || key === own()) return;
    this.#known.set(key, knowledge);
    this.#texts.set(key, Buffer.from(told).toString("utf8"));
  }

  #note(name: string, key: string): void {
    this.#versions.delete(name);
    this.#versions.set(name, key);
    const [oldest = name] = this.#versions.keys();
    if (this.#versions.size > mostKept) this.#versions.delete(oldest);
    this.#isOwed = true;
  }

  /** Programs that nobody runs any more make room. */
  #hasRoom(): boolean {
    if (this.#known.size < most) return true;
    const inUse = new Set([...this.#envoys()].map(({ program }) => program));
    for (const key of this.#known.keys())
      if (!inUse.has(key)) {
        this.#known.delete(key);
        this.#texts.delete(key);
      }
    return this.#known.size < most;
  }
}

const base64 = (digest: Uint8Array): string => Buffer.from(digest).toString("base64url");
const own = (): string => base64(ownKnowledgeDigest());

const shape = () =>
  z.array(z.tuple([z.string(), z.object({ digest: z.string(), text: z.string() })]));

const read = (kept: string | undefined): readonly (readonly [string, Told])[] =>
  kept === undefined ? [] : shape().parse(JSON.parse(kept));
