import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { logTo } from "../../src/core/log.ts";
import { Redactor, redacted, redactedLog } from "../../src/core/redact.ts";
import { headOf, tailOf } from "../../src/core/text/cut.ts";

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
  "strict url": (value) =>
    encodeURIComponent(value).replace(/[!'()*]/g, (one) => `%${Buffer.from(one).toString("hex")}`),
  "url path": (value) => value.split("/").map(encodeURIComponent).join("/"),
  form: (value) => encodeURIComponent(value).replaceAll("%20", "+"),
  "json without slashes": (value) => JSON.stringify(value).replaceAll("/", "\\/"),
  yaml: (value) => `'${value.replaceAll("'", "''")}'`,
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
        // Without the spaces around it, it is as secret.
        const begins = [value, value.trim()].flatMap((each) =>
          Object.values(encodings).map((encode) => encode(each).slice(0, 6)),
        );
        fc.pre(!begins.some((begin) => text.includes(begin)));
        expect(knowing(value).text(text)).toBe(text);
      }),
    );
  });

  test("that overlaps with another leaves no rest of either", () => {
    expect(knowing("abcdefgh", "fghijklm").text("xabcdefghijklmx")).toBe(`x${redacted}x`);
  });
});

test.each(["päß wörd/🔑 1", "a b'c\"d$e`f\\g", "semi;colon|pipe&amp*star?~#{x}(y)<z>!"])(
  "as bash quotes it, and as JSON in plain ASCII: %s",
  (value) => {
    for (const locale of ["C", "C.UTF-8"]) {
      const script = `LC_ALL=${locale}; printf '%q\\n' "$1" "$1"$'\\t'`;
      const { stdout } = Bun.spawnSync(["bash", "-c", script, "bash", value]);
      const [plain = "", controlled = ""] = stdout.toString().split("\n");
      expect(plain.length).toBeGreaterThanOrEqual(value.length);
      expect(knowing(value).text(plain)).toMatch(/^(?:\*{6}|\$'\*{6}')$/);
      expect(knowing(`${value}\t`).text(controlled)).toContain(redacted);
      expect(knowing(`${value}\t`).text(controlled)).not.toContain(value.slice(0, 3));
    }
    const ascii = [...JSON.stringify(value)]
      .flatMap((letter) => [...letter].flatMap((one) => one.split("")))
      .map((unit) =>
        unit > "\x7f" ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}` : unit,
      )
      .join("");
    expect(knowing(value).text(`x ${ascii} y`)).toBe(`x "${redacted}" y`);
  },
);

describe("base64 that is broken into lines", () => {
  const value = "correct-horse-battery-staple-and-some-more-of-it";
  test.each([76, 64, 20])("of %d letters, in plain, indented, and in a diff", (width) => {
    for (const before of ["", "x", "a longer beginning that moves it along"]) {
      const { stdout } = Bun.spawnSync(["base64", `-w${width}`], {
        stdin: Buffer.from(`${before}${value} and an end`),
      });
      const lines = stdout.toString();
      for (const text of [lines, lines.replaceAll(/^/gm, "    "), lines.replaceAll(/^/gm, "+")]) {
        const kept = knowing(value).text(`head\n${text}\ntail`);
        expect(kept).toContain(redacted);
        expect(kept).toMatch(/^head\n[\s\S]*\ntail$/);
        const joined = kept
          .replaceAll(/\s|^[+]/gm, "")
          .replace("head", "")
          .replace("tail", "");
        for (const part of joined.split(redacted))
          expect(Buffer.from(part, "base64").toString("latin1")).not.toContain(value.slice(8, 24));
      }
    }
  });
});

describe("a text that was cut short", () => {
  const value = "correct-horse 'battery' staple";
  test("keeps no rest of it beside the mark, whereever it was cut", () => {
    const forms = Object.values(encodings).map((encode) => encode(value));
    for (const form of forms)
      for (let at = 1; at < form.length; at++) {
        const text = `before ${form} after`;
        const end = knowing(value).text(tailOf(text, text.length - 7 - at));
        const start = knowing(value).text(headOf(text, 7 + at));
        for (const kept of [end, start])
          for (const rest of [
            value.slice(0, 6),
            value.slice(-6),
            form.slice(2, 8),
            form.slice(-8, -2),
          ])
            expect([form, at, kept.includes(rest)]).toEqual([form, at, false]);
      }
  });
  test("loses nothing else", () => {
    expect(knowing(value).text("…nothing of it…")).toBe("…nothing of it…");
    expect(knowing(value).text(`… ${value}…`)).toBe(`… ${redacted}…`);
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
