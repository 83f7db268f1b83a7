/** What one part of a living machine comes to as policy. Types, and what several parts ask. Must not know any part. */
import type { ReadHost } from "../../../core/host.ts";
import type { JsonObject } from "../../../core/json.ts";

export interface FoundResource {
  readonly type: string;
  readonly params: JsonObject;
  /** What it keeps, in a word, where its parameters do not say it. */
  readonly note?: string;
  /** A file that goes into `templates/`; its resource names it as `source`. */
  readonly template?: { readonly path: string; readonly bytes: Uint8Array };
}

/** A part of the machine, under the heading it gets in the configcrate. */
export interface Part {
  readonly name: string;
  readonly summary: string;
  find(host: ReadHost, wish: ImportWish): Promise<readonly FoundResource[]>;
}

export interface ImportWish {
  /** Files to take with their content, whoever made them. */
  readonly files: readonly string[];
}

export async function textOf(host: ReadHost, path: string): Promise<string> {
  const bytes = await host.read(path);
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}
