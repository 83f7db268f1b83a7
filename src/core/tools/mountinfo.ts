/** What is mounted where, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)). Must not know why anybody asks. */

export interface Mount {
  readonly path: string;
  /** `major:minor` of the file system: mounts of one have the same. */
  readonly device: string;
  readonly kind: string;
  /** What was mounted: a device, a server's export, or a word. */
  readonly source: string;
  readonly options: readonly string[];
}

/** In the order of mounting. Between the sixth field and the dash stands any number of optional ones. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text
    .split("\n")
    .filter((line) => line.includes(" - "))
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ", 2);
      const [, , device = "", , path = "", options = ""] = before.split(" ");
      const [kind = "", source = ""] = after.split(" ");
      return {
        path: unescaped(path),
        device,
        kind,
        source: unescaped(source),
        options: options.split(","),
      };
    });
}

/**
 * Lines of `/proc/self/mounts` (fstab(5)): options of the mount and of its file system together, as people read them. The
 * later mount on a path hides the former one.
 */
export function parseMounts(text: string): readonly Omit<Mount, "device">[] {
  const rows = text
    .split("\n")
    .map((line) => line.split(" "))
    .filter((row) => row.length >= 4)
    .map(([source = "", path = "", kind = "", options = ""]) => ({
      path: unescaped(path),
      kind,
      source: unescaped(source),
      options: options.split(","),
    }));
  return [...new Map(rows.map((row) => [row.path, row])).values()];
}

/** Blanks, tabs, newlines and backslashes are written as three octal digits; names are UTF-8 otherwise. */
const unescaped = (name: string) =>
  name.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
