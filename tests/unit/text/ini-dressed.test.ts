/** `ini` and `key_value` outside of OpenSSH's files, on exact cases in every dress. */
import { type KeyPlace, withKey, withoutKey } from "../../../src/core/text/ini.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress, oddLines } from "../../support/dressed.ts";

const put = (value: string, more: Partial<KeyPlace> = {}) =>
  onText((doc) => withKey(doc, { key: "k", separator: "=", ...more }, value));
const away = (more: Partial<KeyPlace> = {}) =>
  onText((doc) => withoutKey(doc, { key: "k", separator: "=", ...more }));
const a = { section: "a" };
/** As key_value says it. */
const blanks = { separator: " ", comment: "#" };

everyDress(
  {
    "in its section only": [
      "[b]\nk=0\n[a]\nk=1\n[c]\nk=2\n",
      put("9", a),
      "[b]\nk=0\n[a]\nk=9\n[c]\nk=2\n",
    ],
    "gaps and a comment stay": [
      "[a]\n\tk\t =  1  ; why\n",
      put("2", a),
      "[a]\n\tk\t =  2  ; why\n",
    ],
    "the last one counts": ["[a]\nk=1\nk=2\n", put("3", a), "[a]\nk=1\nk=3\n"],
    "behind its example": ["[a]\nx=1\n; k=5\ny=1\n", put("2", a), "[a]\nx=1\n; k=5\nk=2\ny=1\n"],
    "at the end of its section, before blank lines": [
      "[a]\nx=1\n\n\n[b]\ny=1\n",
      put("2", a),
      "[a]\nx=1\nk=2\n\n\n[b]\ny=1\n",
    ],
    "in an empty section": ["[a]\n[b]\n", put("2", a), "[a]\nk=2\n[b]\n"],
    "in a new section": ["[b]\nx=1\n", put("2", a), "[b]\nx=1\n\n[a]\nk=2\n"],
    "a heading with blanks and a comment": [
      "[ a ] # one\nk=1\n",
      put("2", a),
      "[ a ] # one\nk=2\n",
    ],
    "a section that is there twice": [
      "[a]\nk=1\n[b]\n[a]\nx=1\n",
      put("2", a),
      "[a]\nk=2\n[b]\n[a]\nx=1\n",
    ],
    "a value with the separator in it": ["[a]\nk=x=y=z\n", put("x=y", a), "[a]\nk=x=y\n"],
    "signs of replacement are signs": ["[a]\nk=1\n", put("$& $1 $$", a), "[a]\nk=$& $1 $$\n"],
    "letters of any alphabet": ["[a]\nk=ä\nkä=1\n", put("Ωmega 😀", a), "[a]\nk=Ωmega 😀\nkä=1\n"],
    "a sign without a blank is a value": ["[a]\nk=#fff\n", put("#000", a), "[a]\nk=#000\n"],
    "right already, with a comment": ["[a]\nk = 1 # why\n", put("1", a), "[a]\nk = 1 # why\n"],
    "a value becomes empty": ["[a]\nk=1\nx=2\n", put("", a), "[a]\nk=\nx=2\n"],
    "keys differ by the size of letters": ["[a]\nK=1\n", put("2", a), "[a]\nK=1\nk=2\n"],
    "a colon between": ["[a]\nk : 1\n", put("2", { ...a, separator: ":" }), "[a]\nk : 2\n"],
    "blanks between, as they are": [
      "[a]\nk\t\t1 # why\n",
      put("2", { ...a, ...blanks }),
      "[a]\nk\t\t2 # why\n",
    ],
    "blanks between, new": ["[a]\nx 1\n", put("2 3", { ...a, ...blanks }), "[a]\nx 1\nk 2 3\n"],
    "another sign of comments": [
      "[a]\nk = 1 ! why\nx = 1 # no comment\n",
      put("2", { ...a, separator: " = ", comment: "!" }),
      "[a]\nk = 2 ! why\nx = 1 # no comment\n",
    ],
    "away: in its section, each": [
      "k=0\n[a]\nk=1\n#k=2\nk=3\n[b]\nk=4\n",
      away(a),
      "k=0\n[a]\n#k=2\n[b]\nk=4\n",
    ],
    "away: before all sections": ["k=0\nx=1\n[a]\nk=1\n", away(), "x=1\n[a]\nk=1\n"],
    "away: nothing there": ["[a]\nx=1\n", away(a), "[a]\nx=1\n"],
    "before the first section": ["x=1\n\n[a]\nk=1\n", put("2"), "x=1\nk=2\n\n[a]\nk=1\n"],
  },
  // What is indented would be a value that goes on.
  oddLines.filter((line) => !/^\s/.test(line) || line.trim() === ""),
);
