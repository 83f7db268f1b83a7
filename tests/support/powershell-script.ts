/** Reads a PowerShell script as its own lexer does (about_Quoting_Rules): enough to see a quote or a bracket without its other half. */

const halves: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

/** The code without comments and what stands in quotes, its brackets matched. Throws with the line of what is open. */
export function codeOf(script: string): string {
  const open: { readonly mark: string; readonly line: number }[] = [];
  let code = "";
  const line = (at: number) => script.slice(0, at).split("\n").length;
  for (let at = 0; at < script.length;) {
    const passed = passedOver(script, at);
    if (passed === undefined) throw new Error(`line ${line(at)}: a quote that never ends`);
    if (passed > at) {
      code += script[at] === "#" ? "" : "''";
      at = passed;
      continue;
    }
    const mark = script[at++] ?? "";
    code += mark;
    if (mark in halves) open.push({ mark, line: line(at) });
    if (!Object.values(halves).includes(mark)) continue;
    const last = open.pop();
    if (halves[last?.mark ?? ""] !== mark)
      throw new Error(`line ${line(at)}: ${mark} closes ${last?.mark ?? "nothing"}`);
  }
  if (open[0] !== undefined) throw new Error(`line ${open[0].line}: ${open[0].mark} stays open`);
  return code;
}

/** Where a comment or a text that begins here ends; here, when there is none. */
function passedOver(script: string, at: number): number | undefined {
  const rest = script.slice(at);
  if (rest.startsWith("#")) return at + (/^[^\n]*/.exec(rest)?.[0].length ?? 0);
  if (rest.startsWith("`")) return at + 2;
  const here = /^@(['"])\r?\n/.exec(rest);
  if (here !== null) {
    const end = rest.indexOf(`\n${here[1]}@`);
    return end < 0 ? undefined : at + end + 3;
  }
  if (rest.startsWith("'")) return ended(/^'(?:[^']|'')*'/.exec(rest), at);
  if (rest.startsWith('"')) return ended(/^"(?:[^"`]|`[\s\S]|"")*"/.exec(rest), at);
  return at;
}

const ended = (found: RegExpExecArray | null, at: number): number | undefined =>
  found === null ? undefined : at + found[0].length;
