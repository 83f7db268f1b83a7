/**
 * What the agents of the fleet know, where that is not what this server knows: each program is asked once, by the digest that
 * its check-ins bring, and told again after a restart. Must not know policies.
 */
import { type Knowledge, readKnowledge } from "../../../core/bundle/knowledge.ts";
import { ownKnowledgeDigest } from "../../../core/bundle/own-knowledge.ts";
import type { Envoy } from "./envoy.ts";

/** Programs; a fleet has a handful. */
const most = 100;

const nothing = "";
const digestLength = 32;

export class AgentKnowledge {
  readonly #known = new Map<string, Knowledge>();
  readonly #envoys: () => Iterable<Envoy>;

  constructor(envoys: () => Iterable<Envoy>) {
    this.#envoys = envoys;
  }

  /** A check-in was heard. `told` is empty where it was not asked for; what cannot be read is as if it had not come. */
  heard(envoy: Envoy, digest: Uint8Array, told: Uint8Array): void {
    const ours =
      digest.length !== digestLength || Buffer.compare(digest, ownKnowledgeDigest()) === 0;
    const key = ours ? nothing : Buffer.from(digest).toString("base64url");
    if (envoy.program !== key) envoy.program = key;
    if (key === nothing || told.length === 0 || this.#known.has(key)) return;
    const knowledge = readKnowledge(told, digest);
    if (knowledge !== undefined && this.#hasRoom()) this.#known.set(key, knowledge);
  }

  /** Nobody has said yet what this program knows. */
  isWanted({ program }: Envoy): boolean {
    return program !== nothing && !this.#known.has(program);
  }

  /** Undefined: it knows what this server does, or nobody can tell. */
  of({ program }: Envoy): Knowledge | undefined {
    return this.#known.get(program);
  }

  /** Programs that nobody runs any more make room. */
  #hasRoom(): boolean {
    if (this.#known.size < most) return true;
    const inUse = new Set([...this.#envoys()].map(({ program }) => program));
    for (const key of this.#known.keys()) if (!inUse.has(key)) this.#known.delete(key);
    return this.#known.size < most;
  }
}
