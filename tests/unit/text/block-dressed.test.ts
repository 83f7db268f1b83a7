/** `blockinfile` on exact cases in every dress. */
import { withBlock, withoutBlock } from "../../../src/core/text/block.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const markers = { begin: "# BEGIN x", end: "# END x" };
const put = (content: readonly string[], position = "end") =>
  onText((doc) => withBlock(doc, markers, content, position));
const away = onText((doc) => withoutBlock(doc, markers));
const block = (...lines: readonly string[]) =>
  ["# BEGIN x", ...lines, "# END x"].map((line) => `${line}\n`).join("");

everyDress({
  "new, at the end": ["a\n", put(["b"]), `a\n${block("b")}`],
  "new, behind a line": ["a\nb\nc\n", put(["n"], "after:^b"), `a\nb\n${block("n")}c\n`],
  "new, before a line": ["a\nb\nc\n", put(["n"], "before:^c"), `a\nb\n${block("n")}c\n`],
  "without such a line, at the end": ["a\n", put(["n"], "after:^z"), `a\n${block("n")}`],
  "without content": ["a\n", put([]), `a\n${block()}`],
  "blank and indented lines within": [
    "a\n",
    put(["", "  b", "\tc  ", ""]),
    `a\n${block("", "  b", "\tc  ", "")}`,
  ],
  "changed in place": [`a\n${block("old", "er")}b\n`, put(["new"]), `a\n${block("new")}b\n`],
  "longer in place": [`${block("a")}b\n`, put(["a", "b", "c"]), `${block("a", "b", "c")}b\n`],
  "emptied in place": [`a\n${block("x", "y")}b\n`, put([]), `a\n${block()}b\n`],
  "left alone, wherever it is": [`${block("b")}a\n`, put(["b"], "after:^a"), `${block("b")}a\n`],
  "other markers are lines like others": [
    `# BEGIN xy\nq\n# END xy\n`,
    put(["b"]),
    `# BEGIN xy\nq\n# END xy\n${block("b")}`,
  ],
  "signs of replacement are signs": ["a\n", put(["$& $1 $$ \\1"]), `a\n${block("$& $1 $$ \\1")}`],
  "letters of any alphabet": ["ä\n", put(["Ωmega 😀"]), `ä\n${block("Ωmega 😀")}`],
  "away: in the middle": [`a\n${block("b", "", "c")}d\n`, away, "a\nd\n"],
  "away: at the end": [`a\n${block()}`, away, "a\n"],
  "away: blank lines around it stay": [`a\n\n${block("b")}\nc\n`, away, "a\n\n\nc\n"],
  "away: nothing there": ["a\nb\n", away, "a\nb\n"],
});
