import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { logTo } from "../../src/core/log.ts";
import { Redactor, redacted, redactedLog } from "../../src/core/redact.ts";

const knowing = (...values: readonly string[]) => {
  const redactor = new Redactor();
  for (const value of values) redactor.learn(value);
  return redactor;
};

/** As an independent reader would spell it. */
const encodings: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  base64: (value) => Buffer.from(value).toString("base64"),
  base64url: (value) => Buffer.from(value).toString("base64url"),
  json: (value) => JSON.stringify(value),
  url: (value) => encodeURIComponent(value),
  form: (value) => encodeURIComponent(value).replaceAll("%20", "+"),
  shell: (value) => `'${value.replaceAll("'", `'\\''`)}'`,
  "double-quoted": (value) => `"${value.replace(/["$`\\]/g, "\\$&")}"`,
};

const long = fc
  .string({ minLength: 6, maxLength: 60, unit: "grapheme-ascii" })
  .filter((value) => value.trim().length >= 6 && !value.includes("*"));
const around = fc.string({ maxLength: 40, unit: "grapheme-ascii" });

describe("a long secret", () => {
  for (const [name, encode] of Object.entries(encodings))
    test(`is gone from any text: ${name}`, () => {
      fc.assert(
        fc.property(long, around, around, (value, before, after) => {
          const written = encode(value);
          const text = knowing(value).text(`${before}${written}${after}\nnext`);
          expect(text).not.toContain(value);
          expect(text).not.toContain(written);
          expect(text).toEndWith("\nnext");
        }),
      );
    });

  test("is gone from inside what was encoded as a whole", () => {
    fc.assert(
      fc.property(
        long.filter((value) => value.length >= 10),
        around,
        around,
        (value, before, after) => {
          const text = Buffer.from(`${before}${value}${after}`).toString("base64");
          const kept = knowing(value).text(text);
          const middle = value.slice(3, -3);
          for (const part of kept.split(redacted))
            expect(Buffer.from(part, "base64").toString()).not.toContain(value);
          expect(middle.length).toBeGreaterThan(0);
          expect(kept).toContain(redacted);
        },
      ),
    );
  });

  test("takes nothing else along", () => {
    fc.assert(
      fc.property(long, around, (value, text) => {
        fc.pre(
          !Object.values(encodings).some((encode) => text.includes(encode(value).slice(0, 6))),
        );
        expect(knowing(value).text(text)).toBe(text);
      }),
    );
  });

  test("that overlaps with another leaves no rest of either", () => {
    expect(knowing("abcdefgh", "fghijklm").text("xabcdefghijklmx")).toBe(`x${redacted}x`);
  });
});

describe("a secret of several lines", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqh=\n-----END KEY-----\n";
  test("is gone from a diff, line by line, also its short lines", () => {
    const diff = `@@ -1,4 +1,5 @@\n key:\n-${key.trimEnd().replaceAll("\n", "\n-")}\n+  MIIEvQIBADANBg\n+kqh=\n other: kqh=x`;
    const text = knowing(key).text(diff);
    for (const line of key
      .trim()
      .split("\n")
      .filter((one) => one.length > 5))
      expect(text).not.toContain(line);
    expect(text).not.toMatch(/^[-+ ]?kqh=$/m);
    expect(text).toContain(" other: kqh=x");
    expect(text.split("\n")[0]).toBe("@@ -1,4 +1,5 @@");
  });
});

describe("a short secret", () => {
  test("takes its whole line, and no other", () => {
    fc.assert(
      fc.property(
        fc
          .string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" })
          .filter((v) => v.trim() !== "" && !/[*\n]/.test(v)),
        around,
        (value, before) => {
          const text = knowing(value).text(`${before}${value}x\n`);
          expect(text.split("\n").some((line) => line.includes(value.trim()) && line !== "")).toBe(
            false,
          );
        },
      ),
    );
    expect(knowing("1234").text("a\npin=1234 for you\nb")).toBe(`a\n${redacted}\nb`);
  });
});

test("log lines are redacted, their events and fields", () => {
  const lines: string[] = [];
  const log = logTo({ json: true, write: (line) => void lines.push(line), now: () => new Date(0) });
  const quiet = redactedLog(log, knowing("hunter2-hunter2"));
  quiet.error("it says hunter2-hunter2", { why: 'a "hunter2-hunter2" in quotes', code: 7 });
  quiet.info("nothing");
  expect(lines.join("")).not.toContain("hunter2");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: `it says ${redacted}`, code: 7 });
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ event: "nothing" });
});

test("nothing known, nothing touched", () => {
  expect(knowing().text("anything")).toBe("anything");
  expect(knowing("").text("anything")).toBe("anything");
});
