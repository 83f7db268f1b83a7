/** `file_line` on exact cases in every dress. */
import { type LineWish, withLine, withoutLine } from "../../../src/core/text/file-line.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const put = (line: string, more: Partial<LineWish> = {}) =>
  onText((doc) => withLine(doc, { line, position: "end", ...more }));
const port = put("Port 2222", { match_pattern: "^#?Port\\s" });
const away = (match_pattern: string, more: object = {}) =>
  onText((doc) => withoutLine(doc, { match_pattern, ...more }));
const inMain = { region_start: "^\\[main\\]", region_end: "^\\[" };

everyDress({
  "an example becomes the line": ["#Port 22\nx\n", port, "Port 2222\nx\n"],
  "one in use goes before an example": ["#Port 22\nPort 23\n", port, "#Port 22\nPort 2222\n"],
  "the line itself stays, others in use go": [
    "Port 24\nx\nPort 2222\nPort 23\n",
    port,
    "x\nPort 2222\n",
  ],
  "tabs and blanks in a line": ["Port\t22  \nx\n", port, "Port 2222\nx\n"],
  "a word that only begins alike is another": ["Portal 1\n", port, "Portal 1\nPort 2222\n"],
  "new at the end": ["x\ny\n", put("new"), "x\ny\nnew\n"],
  "indented, as it is": ["x\n", put("\t  new  "), "x\n\t  new  \n"],
  "signs of replacement are signs": [
    "a=1\n",
    put("a=$& $1 $$", { match_pattern: "^a=" }),
    "a=$& $1 $$\n",
  ],
  "a line that is there twice stays": ["x\nx\n", put("x"), "x\nx\n"],
  "behind the last match": ["a\nb\na\nc\n", put("n", { position: "after:^a" }), "a\nb\na\nn\nc\n"],
  "before the first match": ["a\nb\na\n", put("n", { position: "before:^b" }), "a\nn\nb\na\n"],
  "without a match, at the end": ["a\nb\n", put("n", { position: "after:^z" }), "a\nb\nn\n"],
  "within a region, before its blank lines": [
    "[main]\nx=1\n\n\n[b]\nx=1\n",
    put("y=1", inMain),
    "[main]\nx=1\ny=1\n\n\n[b]\nx=1\n",
  ],
  "a region's own line only": [
    "x=0\n[main]\nx=1\n[b]\nx=2\n",
    put("x=9", { ...inMain, match_pattern: "^x=" }),
    "x=0\n[main]\nx=9\n[b]\nx=2\n",
  ],
  "an empty region": ["[main]\n[b]\n", put("n", inMain), "[main]\nn\n[b]\n"],
  "letters of any alphabet": [
    "# naïve\nname = Ωmega\n",
    put("name = Ünï 😀", { match_pattern: "^name" }),
    "# naïve\nname = Ünï 😀\n",
  ],
  "away: each that matches": ["Port 1\nx\nPort 2\n", away("^Port"), "x\n"],
  "away: nothing there": ["x\n", away("^Port"), "x\n"],
  "away: in its region": [
    "x\n[main]\nx\ny\n[b]\nx\n",
    away("^x$", inMain),
    "x\n[main]\ny\n[b]\nx\n",
  ],
  "away: blank lines around it stay": ["a\n\nb\n\nc\n", away("^b$"), "a\n\n\nc\n"],
});
