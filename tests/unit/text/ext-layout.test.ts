import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usableBytes } from "../../../src/core/text/ext-layout.ts";

const mebi = 1024 ** 2;
const printed = (more = "") =>
  `Block count:              163840\nReserved GDT blocks:      74\nFirst block:              0\nBlock size:               4096\nGroup descriptor size:    64\nBlocks per group:         32768\nInode blocks per group:   480\n${more}`;

test.each([
  [640, 640],
  [641, 640],
  [642, 640],
  [644, 644],
  [700, 700],
])("of %d MiB it fills %d", (device, used) => {
  expect(usableBytes(printed(), device * mebi)).toBe(used * mebi);
});

test("nothing is said of what is not printed", () => {
  expect(usableBytes("Block size: 4096\n", mebi)).toBeUndefined();
});

/** The tools themselves, on files with holes. */
describe.skipIf(Bun.which("mke2fs") === null || Bun.which("resize2fs") === null)(
  "as e2fsprogs",
  () => {
    const run = (...argv: readonly [string, ...string[]]) => {
      const [program, ...words] = argv;
      const env = { PATH: `${process.env["PATH"]}:/sbin:/usr/sbin` };
      const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", env });
      if (status === null || status > 1) throw new Error(`${argv.join(" ")}: ${stderr}`);
      return stdout;
    };
    const blocks = (text: string) => {
      const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
      return of("Block count") * of("Block size");
    };

    test.each([
      // With and without copies in the last group, with blocks of 4 and of 1 KiB.
      ...[385, 387, 388, 513, 516, 641, 642, 643, 644],
      ...[40, 40.3, 41, 48.2, 56.3, 72.4, 80.5],
    ])("of %d MiB", (size) => {
      const folder = mkdtempSync(join(tmpdir(), "vigo-ext-"));
      try {
        const image = join(folder, "image");
        const bytes = Math.floor((size * mebi) / 4096) * 4096;
        writeFileSync(image, "");
        truncateSync(image, Math.floor(size * 0.6) * mebi);
        run("mke2fs", "-q", "-F", "-t", "ext4", "-b", size > 300 ? "4096" : "1024", image);
        truncateSync(image, bytes);
        run("e2fsck", "-f", "-p", image);
        run("resize2fs", image);
        const text = run("dumpe2fs", "-h", image);
        expect([size, usableBytes(text, bytes)]).toEqual([size, blocks(text)]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
