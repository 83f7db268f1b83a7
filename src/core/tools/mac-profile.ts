/**
 * What system_profiler(8) of macOS tells of the hardware, asked once for all traits because it takes a second or two. Must not know what is
 * made of it.
 */
import type { ReadHost } from "../host.ts";
import { jsonFrom, listOf } from "./answer.ts";
import { type Asking, printed } from "./once.ts";

const kinds = [
  "SPHardwareDataType",
  "SPMemoryDataType",
  "SPNVMeDataType",
  "SPSerialATADataType",
  "SPDisplaysDataType",
  "SPUSBDataType",
] as const;

type Kind = (typeof kinds)[number];

/** Entries of a kind, at any depth, those above first; what holds others does so in `_items`. */
export async function profileOf(
  host: ReadHost,
  asking: Asking,
): Promise<(kind: Kind) => readonly unknown[]> {
  const text = await printed(host, asking, ["system_profiler", "-json", ...kinds]);
  const answer = jsonFrom("system_profiler", text);
  return (kind) => listOf(answer, kind).flatMap((entry) => withItems(entry, 0));
}

/** Hubs behind hubs; the standard ends at seven. */
const deepest = 12;

const withItems = (entry: unknown, depth: number): readonly unknown[] =>
  depth > deepest
    ? []
    : [entry, ...listOf(entry, "_items").flatMap((item) => withItems(item, depth + 1))];
