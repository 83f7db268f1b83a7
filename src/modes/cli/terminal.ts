/** Asks a person at the terminal. Must not know what for. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

export async function readLine(question: string): Promise<string> {
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await ask.question(question);
  } finally {
    ask.close();
  }
}

/** What is typed is not shown. */
export async function readHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const ask = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await ask.question("");
  } finally {
    ask.close();
    process.stderr.write("\n");
  }
}
