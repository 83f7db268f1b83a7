/** Patterns for names in a folder: `*` and `?` within a component, `**` across, `[a-z]`. Must not know files. */

/** A pattern without a slash is held against the last component, any other against the whole relative path. */
export function matchesGlob(pattern: string, path: string): boolean {
  const subject = pattern.includes("/") ? path : path.slice(path.lastIndexOf("/") + 1);
  return new RegExp(`^${pattern.replace(/^\//, "").replace(parts, translated)}$`, "su").test(
    subject,
  );
}

const parts = /\*\*\/?|\*|\?|\[[!^]?\]?[^\]]*\]|[\\^$.|+(){}[\]/]/g;

function translated(part: string): string {
  if (part === "**/") return "(?:.*/)?";
  if (part === "**") return ".*";
  if (part === "*") return "[^/]*";
  if (part === "?") return "[^/]";
  if (part.length > 2) return part.replace(/^\[[!^]/, "[^").replaceAll("\\", "\\\\");
  return `\\${part}`;
}
