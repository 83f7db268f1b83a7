import { describe, expect, test } from "bun:test";
import { encodeMessage, frame, Gathered, unframe } from "../../../src/modes/server/grpc/framing.ts";

const message = Buffer.from("abc");

test("what comes in pieces is whole, and what was given of it stays as it was", () => {
  const pieces = ["ab", "", "c", "defgh", "i"].map((text) => Buffer.from(text));
  const gathered = new Gathered();
  const seen = pieces.map((piece) => {
    gathered.add(piece);
    return gathered.bytes;
  });
  const whole = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  expect(seen.map(whole)).toEqual(["ab", "ab", "abc", "abcdefgh", "abcdefghi"]);
  gathered.drop(8);
  for (const more of ["jkl", "m".repeat(40)]) gathered.add(Buffer.from(more));
  expect([whole(gathered.bytes), gathered.length]).toEqual([`ijkl${"m".repeat(40)}`, 44]);
  gathered.drop(44);
  gathered.add(Buffer.from("next"));
  expect([...seen.map(whole), whole(gathered.bytes)]).toEqual([
    ...["ab", "ab", "abc", "abcdefgh", "abcdefghi", "next"],
  ]);
  expect(pieces.map(whole)).toEqual(["ab", "", "c", "defgh", "i"]);
});

describe("framing", () => {
  test("a message comes out as it went in, also from the middle of a buffer", () => {
    const framed = frame(message);
    expect(unframe(framed, 3)).toEqual(new Uint8Array(message));
    const shifted = Buffer.concat([Buffer.from("xx"), framed]).subarray(2);
    expect(Buffer.from(unframe(shifted, 3) as Uint8Array)).toEqual(message);
  });

  test.each([
    ["nothing yet", "", "more"],
    ["half a prefix", "0000", "more"],
    ["half a message", "000000000361", "more"],
    ["too large, known from the prefix alone", "0000000004", "large"],
    ["compressed", "0100000003616263", "broken"],
    ["two messages", "0000000003616263 0000000000", "broken"],
  ])("%s", (_, hex, expected) => {
    expect(unframe(Buffer.from(hex.replaceAll(" ", ""), "hex"), 3)).toBe(expected as "more");
  });

  test.each([
    ["plain words", "plain words"],
    ["100 %", "100 %25"],
    ["zwölf\n", "zw%C3%B6lf%0A"],
  ])("a status message: %s", (text, encoded) => expect(encodeMessage(text)).toBe(encoded));
});
