/**
 * What this very program knows, as it was written down when it was built: nothing has to be loaded to tell it. Must not know what
 * is in it.
 */
import { sha256 } from "../pki/keys.ts";
import { resources } from "../resources/index.ts";
import { traits } from "../traits/index.ts";
import { version } from "../version.ts";

declare const VIGO_KNOWLEDGE: string | undefined;

/** As `knowledgeText` makes it; empty when run from source. */
export const ownKnowledge: string = typeof VIGO_KNOWLEDGE === "string" ? VIGO_KNOWLEDGE : "";

let digest: Uint8Array | undefined;

/** Of that. From source of the names alone: no server that is another can learn more of such an agent. */
export const ownKnowledgeDigest = (): Uint8Array => (digest ??= sha256(ownKnowledge || names()));

const names = (): string =>
  [
    version.version,
    ...resources.map(({ name }) => name),
    "",
    ...traits.map(({ name }) => name),
  ].join("\n");
