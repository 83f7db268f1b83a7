/**
 * What servers and agents under test say, for who reads the log of a file in which something failed: `scripts/test.ts` asks for it,
 * and shows it there only. Must not know who says it.
 */
const isWanted = process.env["VIGO_TEST_LOG"] === "1";

export function overheard(text: string): void {
  if (isWanted) process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
}
