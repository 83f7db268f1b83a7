/** `replace` on exact cases in every dress. */
import { type Replacement, replaced } from "../../../src/core/text/replaced.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const by = (match_pattern: string, replacement: string, more: Partial<Replacement> = {}) =>
  onText((doc) => replaced(doc, { match_pattern, replacement, occurrences: "all", ...more }));
const inB = { region_start: "^\\[b\\]", region_end: "^\\[" };

everyDress({
  "a word in every line": ["old a\nb old old\n", by("old", "new"), "new a\nb new new\n"],
  "the first only": ["v=1\nv=2\n", by("^v=1$", "v=3", { occurrences: "first" }), "v=3\nv=2\n"],
  "a whole line": ["a = 1\nb = 2\n", by("^a = .*$", "a = 9"), "a = 9\nb = 2\n"],
  groups: ["k: v\n", by("^(\\w): (\\w)$", "$2=$1"), "v=k\n"],
  "named groups and a dollar": ["cost 5\n", by("^cost (?<n>\\d)$", "$$$<n>"), "$5\n"],
  "what matched itself": ["a1\n", by("^a(?=1$)", "[$&]"), "[a]1\n"],
  "a dot is no end of a line": ["q1\nq2\n", by("^q.*", "z"), "z\nz\n"],
  "other signs than newlines end no line": ["q\rq\u2028q\nq\n", by("^q.*q$", "z"), "z\nq\n"],
  "an anchor within a class, and one that is escaped": ["$q^\n", by("[$]q\\^$", "z"), "z\n"],
  "lines that come": ["q\nr\n", by("^q$", "q1\nq2"), "q1\nq2\nr\n"],
  "lines that go": ["q\nr\ns\n", by("^r\\n", ""), "q\ns\n"],
  "two lines that become one": ["q\nr\ns\n", by("^q\\nr$", "qr"), "qr\ns\n"],
  "in a region only": [
    "[a]\nv\n[b]\nv\nw\n[c]\nv\n",
    by("^v$", "z", inB),
    "[a]\nv\n[b]\nz\nw\n[c]\nv\n",
  ],
  "nothing matches": ["q\n", by("^z$", "y"), "q\n"],
  "nothing is left of a line": ["q=1 # why\n", by(" # why$", ""), "q=1\n"],
  "signs that mean nothing in a replacement": ["q\n", by("^q$", "\\1 \\n %s"), "\\1 \\n %s\n"],
  "letters of any alphabet": ["naïve 😀\n", by("naïve 😀", "Ωmega"), "Ωmega\n"],
  "tabs and blanks stay around it": ["\tq  =  1 \n", by("(?<== {2})1", "2"), "\tq  =  2 \n"],
});
