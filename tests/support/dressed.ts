/**
 * One exact case of an editor in every dress a file comes in: line endings, byte order mark, a missing last newline, odd lines
 * above it. Must not know any editor.
 */
import { expect, test } from "bun:test";

/** Nobody's lines: noise, half-open quotes, signs that look like a line end, more than a screen is wide. */
export const oddLines = [
  "# a comment, with é, ß and 日本語",
  "\t",
  "",
  "#",
  "# trailing blanks \t ",
  "a\rreturn within",
  "\u00a0no-break",
  "form\u000cfeed",
  "next\u0085line\u2028separator\u2029paragraph",
  "half \"open 'quotes",
  "$& $1 $$ \\1 \\n %s {{ no }} $no",
  "\u202eright to left",
  "e\u0301 is not \u00e9",
  "🏳️‍🌈",
  "*".repeat(3_000),
  "# ---",
] as const;

interface Dress {
  readonly name: string;
  readonly put: (text: string) => string;
}

const mark = "\uFEFF";
const crlf = (text: string) => text.replaceAll("\n", "\r\n");

/** What may be added, as far as the case allows: a text whose last line is blank cannot lose its end, nor one that is empty. */
function dresses(texts: readonly string[], above: readonly string[]): readonly Dress[] {
  const strips = texts.every((text) => /[^\n]\n$/.test(text));
  // Without its only line end, a text does not say which one it has.
  const tells = (texts[0] ?? "").slice(0, -1).includes("\n");
  const tops = [[], ...(above.length > 0 ? [above] : [])];
  const all = tops.flatMap((top) =>
    [false, true].flatMap((bom) =>
      [false, true].flatMap((returns) =>
        [true, false].map((ended) => ({ top, bom, returns, ended })),
      ),
    ),
  );
  return all
    .filter(({ ended, returns, top }) => ended || (strips && (!returns || tells || top.length > 0)))
    .map(({ top, bom, returns, ended }) => ({
      name: [top.length > 0 && "below odd lines", bom && "BOM", returns && "CRLF", !ended && "cut"]
        .filter(Boolean)
        .join(", "),
      put: (text) => {
        const whole = `${top.map((line) => `${line}\n`).join("")}${text}`;
        const cut = ended ? whole : whole.slice(0, -1);
        return `${bom ? mark : ""}${returns ? crlf(cut) : cut}`;
      },
    }));
}

/** A text without carriage returns and mark, whose last line is ended; what it becomes; and the edit that makes it so. */
export type Exact = readonly [text: string, edit: (text: string) => string, wanted: string];

/** One test per case; each looks at all its dresses, and that the edit of its result changes nothing. */
export function everyDress(
  cases: Readonly<Record<string, Exact>>,
  above: readonly string[] = oddLines,
): void {
  test.each(Object.entries(cases))("in any dress: %s", (_, [text, edit, wanted]) => {
    const looked = dresses([text, wanted], above).map(({ name, put }) => {
      const once = edit(put(text));
      return [name, once === put(wanted) ? "" : once, edit(once) === once ? "" : edit(once)];
    });
    expect(looked.filter(([, wrong, again]) => wrong !== "" || again !== "")).toEqual([]);
    expect(looked.length).toBeGreaterThanOrEqual(4);
  });
}
