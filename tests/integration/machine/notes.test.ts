/** What a run notes for later ones is on the disk, whole, and for the agent alone. */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machine } from "../../../src/modes/agent/machine/machine.ts";

const long = `backup:/${"very-long/".repeat(300)}`;

test.each(["firewall:in 22 from 10.0.0.0/8 ../x", long])(
  "a note outlives the machine that made it, until it is taken away",
  async (claim) => {
    const home = mkdtempSync(join(tmpdir(), "vigo-notes-"));
    try {
      const notes = join(home, "notes");
      await machine({ notes }).note?.(claim, "first");
      await machine({ notes }).note?.(claim, "second");
      expect(await machine({ notes }).noted?.(claim)).toBe("second");
      expect(await machine({ notes }).noted?.("firewall:other")).toBeUndefined();
      const modes = [notes, ...readdirSync(notes).map((name) => join(notes, name))].map(
        (path) => statSync(path).mode & 0o777,
      );
      expect([readdirSync(home), modes]).toEqual([["notes"], [0o700, 0o600]]);
      await machine({ notes }).note?.(claim, undefined);
      await machine({ notes }).note?.(claim, undefined);
      expect(await machine({ notes }).noted?.(claim)).toBeUndefined();
    } finally {
      rmSync(home, { recursive: true });
    }
  },
);
