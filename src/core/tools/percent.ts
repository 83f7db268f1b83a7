/** Shares as people read them. Must not know of what. */
import type { FileSystemUse } from "../host.ts";

/** 0 to 100 with one digit behind the point; 0 of nothing. */
export const percent = (part: number, whole: number): number =>
  whole > 0 ? Math.min(100, Math.max(0, Math.round((part / whole) * 1000) / 10)) : 0;

/** What is kept for root counts neither as used nor as there, as in df(1). */
export function usedPercent({ bytes, freeBytes, availableBytes }: FileSystemUse): number {
  const taken = bytes - freeBytes;
  return percent(taken, taken + availableBytes);
}

/** As the trait `filesystem` tells them. */
export const usedFigures = (use: FileSystemUse) => ({
  size_mb: Math.floor(use.bytes / 1024 / 1024),
  used_pct: usedPercent(use),
  inodes_used_pct: percent(use.inodes - use.freeInodes, use.inodes),
});
