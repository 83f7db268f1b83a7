/**
 * What a browser carries from the provider's login to a program on its own machine: a word for one use within a minute, of no use to
 * whoever has not got the verifier of its challenge (RFC 8252, RFC 7636). In memory. Must not know HTTP, nor tokens.
 */
import { createHash, randomBytes } from "node:crypto";
import { hashOf, isSecret } from "../../secret.ts";

interface Waiting {
  readonly user: string;
  /** sha256 of the verifier, base64url. */
  readonly challenge: string;
  readonly at: number;
}

const longestMs = 60_000;
/** The oldest goes first. */
const most = 1_000;

export class LoginCodes {
  readonly #waiting = new Map<string, Waiting>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  give(user: string, challenge: string): string {
    const code = randomBytes(32).toString("base64url");
    this.#waiting.set(hashOf(code), { user, challenge, at: this.#now() });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > most && oldest !== undefined) this.#waiting.delete(oldest);
    return code;
  }

  /** The user; undefined for a code that is none, too old, or another's. Whatever comes of it, the code is spent. */
  take(code: string, verifier: string): string | undefined {
    const hash = hashOf(code);
    const found = this.#waiting.get(hash);
    this.#waiting.delete(hash);
    if (found === undefined || found.at + longestMs < this.#now()) return undefined;
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    return isSecret(challenge, hashOf(found.challenge)) ? found.user : undefined;
  }
}
