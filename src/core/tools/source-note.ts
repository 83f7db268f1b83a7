/** The note that says which release of a source_package stands beside it: JSON. Must not know how it got there. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { jsonIn } from "../text/json-in.ts";

export interface SourceNote {
  /** Of what was fetched, in lower-case hex. */
  readonly sha256: string;
  readonly version?: string;
  /** Of the program, in lower-case hex; undefined for a tree. */
  readonly program?: string;
  /** Of a tree: names relative to it. */
  readonly names: readonly string[];
}

const most = 64 * 1024 * 1024;

export function notePath(target: string): string {
  const slash = target.lastIndexOf("/");
  return `${target.slice(0, slash)}/.vigo-source-${target.slice(slash + 1)}`;
}

/** Undefined where there is none. */
export async function readSourceNote(
  host: ReadHost,
  target: string,
): Promise<SourceNote | undefined> {
  const path = notePath(target);
  const bytes = await host.read(path, { limit: most });
  if (bytes === undefined) return undefined;
  const note = jsonIn(new TextDecoder().decode(bytes));
  if (isNote(note)) return note;
  throw new VigoError("failed", `${path} is damaged`, {
    hint: "remove it by hand, and what it stands beside; the next run brings it again",
  });
}

const isText = (value: unknown) => value === undefined || typeof value === "string";

function isNote(note: unknown): note is SourceNote {
  if (typeof note !== "object" || note === null) return false;
  const { sha256, version, program, names } = note as Record<string, unknown>;
  return (
    typeof sha256 === "string" &&
    isText(version) &&
    isText(program) &&
    Array.isArray(names) &&
    names.every((name) => typeof name === "string")
  );
}

export const writeSourceNote = (host: Host, target: string, note: SourceNote): Promise<void> =>
  host.write(notePath(target), new TextEncoder().encode(`${JSON.stringify(note)}\n`), {
    mode: 0o600,
    snapshot: false,
  });
