import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { sectionHash, traitsRoot } from "../../../src/core/wire/traits-root.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("the root of nothing is the hash of nothing", () => {
  expect(hex(traitsRoot([]))).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

test("the order in which sections are told does not matter, their names and values do", () => {
  const [a, b] = [sectionHash('{"x":1}'), sectionHash("2")];
  const root = hex(
    traitsRoot([
      ["os", a],
      ["dmi", b],
    ]),
  );
  expect(root).toBe(hex(createHash("sha256").update(`dmi\0${b}\nos\0${a}\n`).digest()));
  expect(
    hex(
      traitsRoot([
        ["dmi", b],
        ["os", a],
      ]),
    ),
  ).toBe(root);
  expect(
    hex(
      traitsRoot([
        ["dmi", a],
        ["os", b],
      ]),
    ),
  ).not.toBe(root);
  expect(hex(traitsRoot([["os", a]]))).not.toBe(root);
});

test("what a machine does not have is left out", () => {
  const os = ["os", sectionHash("1")] as const;
  expect(traitsRoot([os, ["dmi", sectionHash("null")]])).toEqual(traitsRoot([os]));
});
