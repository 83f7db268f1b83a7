/** Puts new texts into stacks, unless they would break what was good. Must not know who wrote the texts. */
import files, { lchown, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Screen } from "../../core/command/screen.ts";
import { VigoError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem.ts";
import { unifiedDiff } from "../../core/text/diff.ts";
import { writeAtomically } from "../../core/write-file.ts";
import type { FileDiff } from "./print/file-diff.ts";
import { counted, printFindings } from "./print/problems.ts";
import { type Checked, checkStacks } from "./stacks.ts";

/** What is wrong after an edit and was not before; where it stands may have moved. */
export async function brokenBy(
  screen: Screen,
  { folder, problems }: Checked,
  home: string,
  edits: ReadonlyMap<string, string>,
): Promise<readonly Problem[]> {
  const after = await checkStacks(screen, folder, home, edits);
  const known = new Map<string, number>();
  for (const one of problems) known.set(named(one), (known.get(named(one)) ?? 0) + 1);
  return after.problems.filter((one) => {
    const left = known.get(named(one)) ?? 0;
    known.set(named(one), left - 1);
    return left <= 0;
  });
}

const named = ({ code, file, message }: Problem): string => `${code} ${file} ${message}`;

export function printBroken(screen: Screen, problems: readonly Problem[]): string {
  const findings = { problems, warnings: [] };
  return `${printFindings(screen, findings, "text")}\n${counted(findings)} that the stacks did not have`;
}

/** Rejects with `conflict` when somebody else has written the file meanwhile. Its mode and its owner stay. */
export async function putText(
  folder: string,
  file: string,
  before: string,
  after: string,
): Promise<void> {
  const path = join(folder, file);
  if ((await readFile(path, "utf8")) !== before)
    throw new VigoError("conflict", `${path} was changed by somebody else meanwhile`, {
      hint: "nothing was written; look at it and do it again",
    });
  const { mode, uid, gid } = await stat(path);
  await writeAtomically(files, path, after, mode & 0o7777);
  if (process.getuid?.() === 0) await lchown(path, uid, gid);
}

export function diffOf(file: string, before: string, after: string): FileDiff {
  const diff = unifiedDiff(Buffer.from(before), Buffer.from(after));
  return { file, change: "changed", ...(diff === undefined ? {} : { diff }) };
}
