import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { codeAt, fromBase32, keyUri, stepAt, stepOf, toBase32 } from "../../src/core/totp.ts";

/** The seeds of RFC 6238, appendix B (as its erratum has them): the ASCII digits over and over, as long as the hash. */
const seed = (length: number) => Buffer.from("1234567890".repeat(7).slice(0, length), "ascii");

/** Seconds since 1970 → the codes of that appendix. */
const vectors = [
  [59, "94287082", "46119246", "90693936"],
  [1_111_111_109, "07081804", "68084774", "25091201"],
  [1_111_111_111, "14050471", "67062674", "99943326"],
  [1_234_567_890, "89005924", "91819424", "93441116"],
  [2_000_000_000, "69279037", "90698825", "38618901"],
  [20_000_000_000, "65353130", "77737706", "47863826"],
] as const;

test.each(vectors)("RFC 6238 at %d s", (seconds, sha1, sha256, sha512) => {
  const step = stepAt(seconds * 1_000);
  const code = (hash: string, length: number) => codeAt(seed(length), step, { hash, length: 8 });
  expect([code("sha1", 20), code("sha256", 32), code("sha512", 64)]).toEqual([
    sha1,
    sha256,
    sha512,
  ]);
  expect(codeAt(seed(20), step)).toBe(sha1.slice(2));
});

test.each([
  [0, "755224"],
  [1, "287082"],
  [2, "359152"],
  [9, "520489"],
])("RFC 4226 at counter %d", (counter, code) => {
  expect(codeAt(seed(20), counter)).toBe(code);
});

describe("a code", () => {
  const secret = seed(20);
  const now = 1_700_000_000_000;
  const step = stepAt(now);

  test("holds for its half minute and the ones beside it", () => {
    const found = [-2, -1, 0, 1, 2].map((off) =>
      stepOf(secret, codeAt(secret, step + off), now, 0),
    );
    expect(found).toEqual([undefined, step - 1, step, step + 1, undefined]);
  });

  test("is not taken once a later or the same one was", () => {
    expect(stepOf(secret, codeAt(secret, step), now, step)).toBeUndefined();
    expect(stepOf(secret, codeAt(secret, step - 1), now, step)).toBeUndefined();
    expect(stepOf(secret, codeAt(secret, step + 1), now, step)).toBe(step + 1);
  });
});

describe("base32", () => {
  // RFC 4648, section 10, without the padding.
  test.each([
    ["", ""],
    ["f", "MY"],
    ["fo", "MZXQ"],
    ["foo", "MZXW6"],
    ["foob", "MZXW6YQ"],
    ["fooba", "MZXW6YTB"],
    ["foobar", "MZXW6YTBOI"],
  ])("of %p", (plain, text) => {
    expect(toBase32(Buffer.from(plain))).toBe(text);
    expect(Buffer.from(fromBase32(text)).toString()).toBe(plain);
  });

  test("goes there and back", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(fromBase32(toBase32(bytes))).toEqual(bytes);
      }),
    ));
});

test("apps are told whose secret it is", () => {
  expect(keyUri("Vigo", "a b@c", "MZXQ")).toBe(
    "otpauth://totp/Vigo:a%20b%40c?secret=MZXQ&issuer=Vigo",
  );
});
