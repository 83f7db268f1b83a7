/** Traits as lines for people. Must not know how they are collected. */
import type { Json } from "../../core/json.ts";

/** `os.distro: debian`, a line a leaf. */
export function printTraits(value: Json, path: readonly string[]): string {
  if (typeof value !== "object" || value === null)
    return path.length === 0 ? String(value) : `${path.join(".")}: ${value ?? "none"}`;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    const plain = items.every((item) => typeof item !== "object" || item === null);
    return `${path.join(".")}: ${plain ? items.join(" ") || "none" : JSON.stringify(items)}`;
  }
  const lines = Object.entries(value).map(([key, inner]) => printTraits(inner, [...path, key]));
  return lines.length === 0 ? `${path.join(".")}: none` : lines.join("\n");
}
