/** Small JSON files in which package tools say what is there. Must not know whose. */
import type { ReadHost } from "../host.ts";
import { jsonIn } from "../text/json-in.ts";
import type { Instead } from "./ecosystem.ts";
import { fileText } from "./file-text.ts";

/** In the place of what is no JSON: the tool was killed while it wrote it, and can make it again. */
export const damaged: Instead = { instead: "damaged" };

/** Undefined where there is no such file. */
export async function jsonFile(host: ReadHost, path: string): Promise<unknown> {
  const text = await fileText(host, path);
  if (text === undefined) return undefined;
  const read = jsonIn(text);
  return read === undefined ? damaged : read;
}
