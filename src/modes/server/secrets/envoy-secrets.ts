/**
 * What one envoy may have: the secrets that its own bundle names, and a hash that moves when one of them does. The hash comes
 * from memory, because every check-in carries it. Must not know transports.
 */
import { VigoError } from "../../../core/errors.ts";
import { sha256 } from "../../../core/pki/keys.ts";
import type { Intended } from "../policy/intended.ts";
import type { Secret, SecretKeeper } from "./keeper.ts";

export class EnvoySecrets {
  readonly #secrets: SecretKeeper;
  readonly #hide: (value: string) => void;
  readonly #hashes = new WeakMap<
    Intended,
    { readonly generation: number; readonly hash: Uint8Array }
  >();

  /** `hide` is taught each value that is given out. */
  constructor(secrets: SecretKeeper, hide: (value: string) => void) {
    this.#secrets = secrets;
    this.#hide = hide;
  }

  /** Over the versions of the secrets of a bundle; empty where it names none. */
  hashFor(intended: Intended | undefined): Uint8Array {
    if (intended === undefined || intended.secrets.length === 0) return nothing;
    const { generation } = this.#secrets;
    const known = this.#hashes.get(intended);
    if (known?.generation === generation) return known.hash;
    const versions = intended.secrets.map((path) => {
      const about = this.#secrets.about(path);
      return [path, about?.version ?? 0, about?.edition ?? ""];
    });
    const hash = sha256(JSON.stringify(versions));
    this.#hashes.set(intended, { generation, hash });
    return hash;
  }

  /** Undefined for one that is not there; rejects with `failed` for one that cannot be read. */
  async value(path: string): Promise<Secret | undefined> {
    try {
      const secret = await this.#secrets.get(path);
      this.#hide(new TextDecoder().decode(secret.value));
      return secret;
    } catch (error) {
      if (error instanceof VigoError && error.failure === "missing") return undefined;
      throw error;
    }
  }
}

const nothing = new Uint8Array(0);
