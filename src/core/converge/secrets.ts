/**
 * Secrets in one run: parameters with their values put in, and what can be said of a resource whose values are out of reach
 * (semantics §6). Values are in memory only; what is kept are keyed hashes of what they rendered to. Must not know where values
 * come from, nor types.
 */
import type { BodyResource } from "../bundle/body.ts";
import type { ReadHost } from "../host.ts";
import type { Json, JsonObject } from "../json.ts";
import { sha256 } from "../pki/keys.ts";
import {
  refsIn,
  renameRefs,
  replaceSecrets,
  type SecretNode,
  withStandIns,
} from "../policy/secrets.ts";
import { applySecretFilters } from "../policy/template/filters.ts";
import type { Redactor } from "../redact.ts";
import type { AnyResourceType, Claim } from "../resource.ts";
import type { ResourceReport } from "./report.ts";

export interface SecretValue {
  readonly value: string;
  /** Another one for another value. */
  readonly version: string;
}

/** What is known of a resource that was enforced with its secrets. */
export interface SecretProof {
  /** Of the parameters as the bundle has them. */
  readonly shape: string;
  /** The digest under which it was enforced. */
  readonly intent: string;
  /** HMAC by parameter, of what it rendered to. */
  readonly values: Readonly<Record<string, string>>;
  /** Ids of what it owned: whoever owns that next finds the secret there. */
  readonly owned: readonly string[];
}

/** Kept between runs. */
export interface SecretProofs {
  all(): Readonly<Record<string, SecretProof>>;
  hmac(text: string): string;
  keep(proofs: Readonly<Record<string, SecretProof>>): Promise<void>;
}

export interface SecretAccess {
  /** By index into the body's refs. */
  value(ref: number): SecretValue | undefined;
  /** Why one is not there; the end of "needs secret web/db, …". */
  readonly absence: string;
  readonly redactor: Redactor;
  /** Absent where nothing is kept between runs. */
  readonly proofs?: SecretProofs | undefined;
}

export type Opened =
  | { readonly kind: "open"; readonly params: JsonObject }
  /** With texts in place of the secrets: enough to know what it owns. */
  | { readonly kind: "shut"; readonly params: JsonObject; readonly reason: string };

export class RunSecrets {
  readonly #refs: readonly string[];
  readonly #access: SecretAccess | undefined;
  readonly #before: Readonly<Record<string, SecretProof>>;
  readonly #proofs: Map<string, SecretProof>;
  readonly #used = new Map<BodyResource, readonly number[]>();
  readonly #touched: ReadonlySet<string>;
  #changed = false;

  constructor(refs: readonly string[], access: SecretAccess | undefined) {
    this.#refs = refs;
    this.#access = access;
    this.#before = access?.proofs?.all() ?? {};
    this.#proofs = new Map(Object.entries(this.#before));
    this.#touched = new Set(Object.values(this.#before).flatMap(({ owned }) => owned));
  }

  /** Is there a secret in what it renders to? */
  holds(resource: BodyResource): boolean {
    return this.#refs.length > 0 && this.#usedBy(resource).length > 0;
  }

  /** What is there now may show one, even if the bundle has none there any more. */
  mayShow(resource: BodyResource, claims: readonly Claim[]): boolean {
    return (
      this.holds(resource) ||
      Object.hasOwn(this.#before, resource.key) ||
      (this.#touched.size > 0 && claims.some(({ id }) => this.#touched.has(id)))
    );
  }

  /** With paths in place of indices, which move when the bundle names one more: what digests are made of. */
  named(resource: BodyResource): BodyResource {
    if (!this.holds(resource)) return resource;
    const path = (ref: number) => this.#refs[ref] ?? String(ref);
    const params = replaceSecrets<number>(resource.params, (node) => renameRefs(node, path));
    return { ...resource, params: params as JsonObject };
  }

  open(resource: BodyResource): Opened {
    if (!this.holds(resource)) return { kind: "open", params: resource.params };
    const missing = this.#usedBy(resource).find((ref) => this.#access?.value(ref) === undefined);
    if (missing === undefined) return { kind: "open", params: this.#rendered(resource.params) };
    const { absence = "this agent has no way to fetch it" } = this.#access ?? {};
    const reason = `needs secret ${this.#refs[missing] ?? missing}, ${absence}`;
    return { kind: "shut", params: withStandIns(resource.params), reason };
  }

  /** Drift and intent differ by values too: the digest of what the bundle says, with the versions of its secrets. */
  intent(resource: BodyResource, shape: string): string {
    if (!this.holds(resource)) return shape;
    const versions = this.#usedBy(resource).map((ref) => this.#access?.value(ref)?.version);
    if (versions.includes(undefined)) return this.#proofFor(resource, shape)?.intent ?? shape;
    return short(`${shape}\0${versions.join("\0")}`);
  }

  /**
   * The parameters again, without a value: where what is there now is what was proven to be right, it is what the bundle asks
   * for. Undefined where that cannot be told.
   */
  async recover(
    resource: BodyResource,
    shape: string,
    type: AnyResourceType,
    host: ReadHost,
  ): Promise<JsonObject | undefined> {
    const proof = this.#proofFor(resource, shape);
    const { proofs } = this.#access ?? {};
    if (proof === undefined || proofs === undefined || type.readBack === undefined)
      return undefined;
    const { data, error } = type.params.safeParse(withStandIns(resource.params));
    if (error) return undefined;
    const now = await type.readBack(data, host);
    const params: Record<string, Json> = { ...resource.params };
    for (const name of sealedNames(resource.params)) {
      const text = now[name];
      if (text === undefined) return undefined;
      if (proofs.hmac(proven(resource.key, name, text)) !== proof.values[name]) return undefined;
      params[name] = text;
    }
    return params;
  }

  /** It is as it should be: with these secrets, or without any. */
  enforced(resource: BodyResource, shape: string, claims: readonly Claim[]): void {
    const { key } = resource;
    const { proofs } = this.#access ?? {};
    if (proofs === undefined) return;
    if (!this.holds(resource)) {
      this.#forget(key, claims);
      return;
    }
    const opened = this.open(resource);
    if (opened.kind === "shut") return;
    const values: Record<string, string> = {};
    for (const name of sealedNames(resource.params)) {
      const value = opened.params[name];
      if (typeof value === "string") values[name] = proofs.hmac(proven(key, name, value));
    }
    const owned = claims.map(({ id }) => id);
    const proof = { shape, intent: this.intent(resource, shape), values, owned };
    if (JSON.stringify(this.#proofs.get(key)) === JSON.stringify(proof)) return;
    this.#proofs.set(key, proof);
    this.#changed = true;
  }

  async keep(): Promise<void> {
    if (this.#changed) await this.#access?.proofs?.keep(Object.fromEntries(this.#proofs));
  }

  /** The last border before a report leaves the run. */
  redacted(report: ResourceReport): ResourceReport {
    const { redactor } = this.#access ?? {};
    if (redactor === undefined) return report;
    const text = <T extends string | undefined>(plain: T) =>
      (plain === undefined ? undefined : redactor.text(plain)) as T;
    return {
      ...report,
      ...(report.reason === undefined ? {} : { reason: text(report.reason) }),
      changes: report.changes.map(({ diff, ...change }) => ({
        ...change,
        from: text(change.from),
        to: text(change.to),
        ...(diff === undefined ? {} : { diff: text(diff) }),
      })),
    };
  }

  /** Of a resource that has no secret any more, and of those that had what it has now. */
  #forget(key: string, claims: readonly Claim[]): void {
    const isWhole = (id: string) => claims.some((claim) => claim.id === id && !claim.part);
    for (const [other, { owned }] of this.#proofs)
      if (other === key || (owned.length > 0 && owned.every(isWhole))) {
        this.#proofs.delete(other);
        this.#changed = true;
      }
  }

  #proofFor({ key }: BodyResource, shape: string): SecretProof | undefined {
    const proof = Object.hasOwn(this.#before, key) ? this.#before[key] : undefined;
    return proof?.shape === shape ? proof : undefined;
  }

  #usedBy(resource: BodyResource): readonly number[] {
    const known = this.#used.get(resource) ?? refsIn<number>(resource.params);
    this.#used.set(resource, known);
    return known;
  }

  #rendered(params: JsonObject): JsonObject {
    const text = (node: SecretNode<number>): string => {
      const whole =
        "$secret" in node
          ? (this.#access?.value(node.$secret)?.value ?? gone())
          : node.$text.map((part) => (typeof part === "string" ? part : text(part))).join("");
      const made = applySecretFilters(whole, node.filters ?? []);
      // What a filter made of it says as much, and a hash can be guessed at.
      if (node.filters !== undefined) this.#access?.redactor.learn(made);
      return made;
    };
    return replaceSecrets<number>(params, text) as JsonObject;
  }
}

const sealedNames = (params: JsonObject): readonly string[] =>
  Object.entries(params).flatMap(([name, value]) => (refsIn(value).length > 0 ? [name] : []));

const proven = (key: string, name: string, value: string) => `${key}\0${name}\0${value}`;

const short = (text: string): string =>
  Buffer.from(sha256(text).subarray(0, 16)).toString("base64url");

function gone(): never {
  throw new Error("a secret went away while it was used");
}
