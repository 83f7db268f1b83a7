/** Logins that are under way at the provider: what each will have to come back with. In memory, ten minutes. Must not know HTTP. */
import { createHash, randomBytes } from "node:crypto";
import { hashOf, isSecret } from "../../secret.ts";

/** A page of this server, or a program on the person's own machine. */
export type Destination =
  string | { readonly port: number; readonly challenge: string; readonly state: string };

interface Attempt {
  readonly bindingHash: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Where the person goes afterwards. */
  readonly to: Destination;
  readonly at: number;
}

export const longestAttemptMs = 10 * 60_000;
/** The oldest goes first. */
const most = 1_000;

export class Attempts {
  readonly #open = new Map<string, Attempt>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `binding` goes into a cookie, the rest into the address of the provider. */
  begin(to: Destination) {
    const [state, nonce, verifier, binding] = [word(), word(), word(), word()];
    this.#open.set(state, { bindingHash: hashOf(binding), nonce, verifier, to, at: this.#now() });
    const [oldest] = this.#open.keys();
    if (this.#open.size > most && oldest !== undefined) this.#open.delete(oldest);
    // RFC 7636: S256.
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    return { state, nonce, challenge, binding };
  }

  /** Once, and only for the browser that began it; undefined otherwise. */
  end(state: string, binding: string | undefined): Attempt | undefined {
    const attempt = this.#open.get(state);
    if (attempt === undefined || binding === undefined) return undefined;
    if (!isSecret(binding, attempt.bindingHash)) return undefined;
    this.#open.delete(state);
    return attempt.at + longestAttemptMs > this.#now() ? attempt : undefined;
  }
}

/** 256 random bits: as long as a verifier must be. */
const word = (): string => randomBytes(32).toString("base64url");
