/** How much an operator may hand in (semantics §7) and how much one host may come to. Must not know who counts. */
export const limits = {
  fileBytes: 1024 * 1024,
  treeBytes: 64 * 1024 * 1024,
  files: 20_000,
  /** Levels of folders. */
  folders: 32,
  /** Values in one file; an alias counts for all it stands for. */
  nodes: 50_000,
  /** Maps and lists inside one another. */
  depth: 64,
  foreachItems: 10_000,
  resourcesPerEnvoy: 20_000,
} as const;
