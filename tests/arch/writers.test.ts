/** Root's hands (semantics §9): what is written is written through `Host`, which follows nobody's links. */
import { expect, test } from "bun:test";
import { Glob } from "bun";

const sources = await Promise.all(
  [...new Glob("src/core/**/*.ts").scanSync()].map(async (path) => ({
    path,
    text: await Bun.file(path).text(),
  })),
);

test("core has no other way to a file or a process than what it is given", () => {
  const found = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\bBun\.(?!version\b)\w+|\bBun\.\$|from "bun"|import\("bun"\)/g)].map(
      ([way]) => `${path}: ${way}`,
    ),
  );
  expect(found).toEqual([]);
});

/** Programs that write where they are told to, links or not; and who may start them, in folders that are root's alone. */
const writers = /\[\s*"(cp|mv|dd|tee|sed|touch|truncate|mkdir|rmdir|ln|chmod|chown|chgrp|rsync)"/g;

const known: readonly string[] = [
  "src/core/tools/apk.ts: touch", // the time of apk's own cache
  "src/core/tools/apt.ts: mkdir", // /var/lib/apt/periodic
  "src/core/tools/apt.ts: touch",
  "src/core/tools/pacman.ts: touch", // pacman's own cache
  "src/core/tools/snapshot-folder.ts: rsync", // into the store of snapshots
  "src/core/tools/useradd.ts: cp", // a home that useradd has just made
];

test("no type writes by a program what it could write itself", () => {
  const found = sources
    .filter(({ path }) => /^src\/core\/(?:resources|tools)\//.test(path))
    .flatMap(({ path, text }) => [...text.matchAll(writers)].map(([, name]) => `${path}: ${name}`));
  expect([...new Set(found)].sort()).toEqual([...known]);
});
