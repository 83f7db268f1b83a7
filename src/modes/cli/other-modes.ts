/**
 * The words of `vigo agent` and `vigo server`, for completion: a mode must not load another one to know them. Held against their own
 * tables by a test. Must not know what they do.
 */

/** By mode, its commands: one word or two. */
export const otherModes: Readonly<Record<"agent" | "server", readonly string[]>> = {
  agent: [
    "bootstrap",
    "register",
    "daemon",
    "run",
    "apply",
    "status",
    "traits",
    "pause",
    "resume",
    "snapshots list",
    "snapshots diff",
    "snapshots restore",
    "trust",
    "doctor",
    "logs",
    "import",
    "uninstall",
    "version",
  ],
  server: [
    "run",
    "init",
    "check-config",
    "downloads add",
    "restore",
    "rotate-bundle-key",
    "new-bundle-key",
  ],
};

/** What may come after words that a mode begins with: `agent` → …, `agent snapshots` → list, diff, restore. */
export function wordsOfModes(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const [mode, commands] of Object.entries(otherModes))
    for (const [first = "", second] of commands.map((name) => name.split(" "))) {
      found.set(mode, (found.get(mode) ?? new Set()).add(first));
      if (second === undefined) continue;
      const begun = `${mode} ${first}`;
      found.set(begun, (found.get(begun) ?? new Set()).add(second));
    }
  return new Map([...found].map(([begun, words]) => [begun, [...words]]));
}
