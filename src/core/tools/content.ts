/**
 * The content a file is declared to have: written out, copied, or fetched, then edited on its way. Must not know the file it
 * goes to, nor how it is compared.
 */
import { createHash } from "node:crypto";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { headOf } from "../text/cut.ts";

export interface Origin {
  readonly content?: string;
  readonly content_base64?: string;
  readonly source?: string;
  readonly source_path?: string;
  readonly source_url?: string;
  readonly sha256?: string;
  readonly baseindent?: number;
  readonly stream_edit?: readonly string[];
  readonly line_endings?: "lf" | "crlf";
}

export type Wanted =
  /** Nothing is said about the content. */
  | { readonly kind: "any" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** To be fetched when the digest differs. */
  | { readonly kind: "digest"; readonly sha256: string; readonly url: string }
  /** Its origin is not there yet: another resource may make it. */
  | { readonly kind: "missing"; readonly path: string };

/** Runs no more than the declared filters, which change nothing. */
export async function wantedContent(host: ReadHost, origin: Origin): Promise<Wanted> {
  const { source, source_path, source_url, sha256 } = origin;
  if (source !== undefined)
    throw new VigoError("failed", `source ${source} was not resolved when the policy was`, {
      hint: "the agent and the server are of different versions: update the agent",
    });
  if (source_url !== undefined && sha256 !== undefined)
    return { kind: "digest", url: source_url, sha256: sha256.toLowerCase() };
  const written = writtenBytes(origin);
  if (written !== undefined) return { kind: "bytes", bytes: await edited(host, written, origin) };
  if (source_path === undefined) return { kind: "any" };
  const copied = await host.read(source_path);
  return copied === undefined
    ? { kind: "missing", path: source_path }
    : { kind: "bytes", bytes: await edited(host, copied, origin) };
}

function writtenBytes({ content, content_base64 }: Origin): Uint8Array | undefined {
  if (content !== undefined) return new TextEncoder().encode(content);
  return content_base64 === undefined ? undefined : Buffer.from(content_base64, "base64");
}

/** The bytes to write, now that they are needed. */
export async function contentBytes(
  host: Host,
  wanted: Wanted,
): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  if (wanted.kind === "bytes") return wanted.bytes;
  if (wanted.kind === "digest")
    return await host.fetch(wanted.url, { sha256: wanted.sha256, resume: true });
  if (wanted.kind === "any") return new Uint8Array();
  throw new VigoError("failed", `the file to copy, ${wanted.path}, is not there`, {
    hint: "does another resource make it? Then depend on that one",
  });
}

async function edited(host: ReadHost, bytes: Uint8Array, origin: Origin): Promise<Uint8Array> {
  const { baseindent = 0, stream_edit = [], line_endings } = origin;
  if (baseindent === 0 && stream_edit.length === 0 && line_endings === undefined) return bytes;
  let text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (baseindent > 0) text = text.replace(/^(?=[^\r\n])/gm, " ".repeat(baseindent));
  for (const filter of stream_edit) text = await piped(host, text, filter);
  if (line_endings !== undefined)
    text = text.replace(/\r?\n/g, line_endings === "lf" ? "\n" : "\r\n");
  return new TextEncoder().encode(text);
}

async function piped(host: ReadHost, text: string, shell: string): Promise<string> {
  const { code, stdout, stderr, truncated } = await host.query({ argv: { shell }, stdin: text });
  if (code === 0 && truncated !== true) return stdout;
  const why =
    code === 0 ? "it printed more than 1 MiB" : `exit ${code}: ${headOf(stderr.trim(), 500)}`;
  throw new VigoError("failed", `stream_edit ${shell}: ${why}`, {
    hint: "try it by hand: text in, text out, exit 0",
  });
}

/** `120 bytes, sha256 9ade5f072a77`, for reports: enough to tell two contents apart. */
export const summary = (bytes: Uint8Array): string =>
  `${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}`;
