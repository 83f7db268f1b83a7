/** What the rest of the server asks of secrets, wherever they are kept. Types only. Must not know any backend. */
import type { SecretNames } from "../../../core/policy/model.ts";
import type { About } from "./sealed-file.ts";

export interface Secret {
  readonly value: Uint8Array;
  readonly about: About;
}

export interface SecretKeeper {
  /** Moves whenever any secret does. */
  readonly generation: number;
  /** From memory, by path, in order. */
  list(): readonly (readonly [string, About])[];
  /** What policy may name. */
  readonly names: SecretNames;
  /** From memory: a check-in asks. */
  about(path: string): About | undefined;
  /** Told of each path whose value is another one from now on. */
  onChange(listener: (path: string) => void): void;
  /** Rejects with `missing` when there is no such secret, with `failed` or `unavailable` when it cannot be read. */
  get(path: string): Promise<Secret>;
  /** Gives the id of the master key. The four that change something reject with `invalid` where secrets are kept elsewhere. */
  init(): Promise<string>;
  set(path: string, value: Uint8Array, now: number): Promise<About>;
  /** Rejects as `set` would, where nothing can be set at all. */
  mustTake(): Promise<void>;
  delete(path: string): Promise<About>;
  rotate(): Promise<{ readonly key: string; readonly secrets: number }>;
  /** Says what is wrong by rejecting; else how many secrets could be read. */
  examine(): Promise<number>;
  close(): void;
}
