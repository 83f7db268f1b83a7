/** A temporary folder and a machine, for tests of the real host. Must not know what is tested. */
import { afterAll } from "bun:test";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machine, type MachineOptions } from "../../../src/modes/agent/machine/machine.ts";

export const isRoot = process.geteuid?.() === 0;
/** An account that is not ours, for what strangers do; tests that need it need root. */
export const stranger = 65534;

export function workshop(options: MachineOptions = {}) {
  const root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "vigo-machine-")));
  fs.chmodSync(root, 0o755);
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
  const at = (...names: readonly string[]) => join(root, ...names);
  const text = (...names: readonly string[]) => fs.readFileSync(at(...names), "utf8");
  /** A folder of one's own, made anew for each test. */
  let made = 0;
  const fresh = (owner?: number) => {
    made += 1;
    const path = at(`${made}`);
    fs.mkdirSync(path);
    if (owner !== undefined) fs.chownSync(path, owner, owner);
    return path;
  };
  return { host: machine(options), root, at, text, fresh };
}

export const bytes = (content: string) => new TextEncoder().encode(content);

/** What a promise is refused with. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}
