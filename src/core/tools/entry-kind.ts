/** What an entry of a file system is, in words. Must not know why it matters. */
import type { Stat } from "../host.ts";

export const kindWords = ({ kind }: Pick<Stat, "kind">): string =>
  kind === "other" ? "a pipe, a socket or a device" : `a ${kind}`;
