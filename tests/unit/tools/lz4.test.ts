import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { VigoError } from "../../../src/core/errors.ts";
import { lz4Pieces } from "../../../src/core/tools/lz4.ts";

/** Of lz4(1) itself. */
async function packed(bytes: Uint8Array, words: readonly string[]): Promise<Uint8Array> {
  const made = Bun.spawn(["lz4", "-c", "-q", ...words], { stdin: bytes, stdout: "pipe" });
  return await new Response(made.stdout).bytes();
}

const unpacked = (frame: Uint8Array): Buffer =>
  Buffer.concat(Array.from(lz4Pieces(frame), (piece) => Uint8Array.from(piece)));

const paragraphs = Array.from(
  { length: 40_000 },
  (_, at) => `Package: thing-${at % 300}\nVersion: ${(at * at) % 97}\nArchitecture: all\n\n`,
).join("");
const far = `${"-".repeat(65_500)}${"far and wide ".repeat(3)}`;

describe("LZ4 frames", () => {
  test.each([
    ["what apt writes: small blocks that lean on each other", ["-B4", "-BD"]],
    ["large blocks, each with a checksum", ["-B7", "-BX"]],
    ["with its size, without a checksum", ["-B4", "-BD", "--content-size", "--no-frame-crc"]],
    ["packed as well as can be", ["-12", "-B4", "-BD"]],
  ])("%s", async (_, words) => {
    const texts = [paragraphs, far.repeat(4), "one", "", Buffer.alloc(300_000).toString()];
    for (const text of texts) {
      const bytes = new TextEncoder().encode(text);
      expect(unpacked(await packed(bytes, words)).equals(bytes)).toBe(true);
    }
  });

  test("blocks that could not be made smaller", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    expect(unpacked(await packed(bytes, [])).equals(bytes)).toBe(true);
  });

  test("what is cut off is refused", async () => {
    const frame = await packed(new TextEncoder().encode(far), ["-B4", "-BD", "--no-frame-crc"]);
    for (let end = 0; end < frame.length; end++)
      expect(() => unpacked(frame.subarray(0, end))).toThrow(VigoError);
  });

  test("what is damaged is refused or comes out otherwise, and no more of it than can be", async () => {
    const frame = await packed(new TextEncoder().encode(far), ["-B4", "-BD"]);
    const anywhere = fc.nat(frame.length - 1);
    const edit = fc.tuple(anywhere, fc.nat(255));
    const ends = fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
      const copy = Uint8Array.from(frame);
      for (const [at, byte] of edits) copy[at] = byte;
      try {
        expect(unpacked(copy).length).toBeLessThan(8 * 1024 * 1024);
      } catch (error) {
        expect(error).toBeInstanceOf(VigoError);
      }
    });
    fc.assert(ends, { numRuns: 500 });
  });
});
