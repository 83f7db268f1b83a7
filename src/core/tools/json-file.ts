/** Small JSON files of other programs. Must not know whose. */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";

/** Undefined where there is no such file; rejects when it is no JSON. */
export async function jsonFile(host: ReadHost, path: string): Promise<unknown> {
  const text = await fileText(host, path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new VigoError("failed", `${path} is damaged: ${error.message}`, {
      hint: "the program that wrote it can make it again",
    });
  }
}

/** A text at the top of it. */
export async function textField(
  host: ReadHost,
  path: string,
  name: string,
): Promise<string | undefined> {
  const value = await jsonFile(host, path);
  const field = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof field === "string" ? field : undefined;
}
