/** `authorized_key`, and the keys of `user`, on exact cases in every dress. */
import {
  type KeyWish,
  withAuthorizedKey,
  withKeys,
  withoutAuthorizedKey,
} from "../../../src/core/text/authorized-keys.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const key = "ssh-ed25519 AAAAours";
const other = "ssh-rsa AAAAtheirs them@home\n";
const put = (more: Partial<KeyWish> = {}) =>
  onText((doc) => withAuthorizedKey(doc, { key, options: "", exclusive: false, ...more }));
const away = onText((doc) => withoutAuthorizedKey(doc, key));
const keys =
  (lines: readonly string[], exclusive = false) =>
  (text: string) =>
    withKeys(text, lines, exclusive);

everyDress({
  "new, at the end": [other, put({ comment: "me" }), `${other}${key} me\n`],
  "right already, gaps and comment stay": [
    ` ${key}   me, at home \n`,
    put(),
    ` ${key}   me, at home \n`,
  ],
  "options come": [`${key} me\n`, put({ options: "no-pty" }), `no-pty ${key} me\n`],
  "options go": [`from="10.0.0.1 , *.x",no-pty ${key} me\n`, put(), `${key} me\n`],
  "options with blanks and quotes stay": [
    `command="echo \\"a  b\\"" ${key}\n`,
    put({ options: 'command="echo \\"a  b\\""' }),
    `command="echo \\"a  b\\"" ${key}\n`,
  ],
  "a comment is another": [`${key} me\n`, put({ comment: "you" }), `${key} you\n`],
  "a comment that looks like a key": [
    `${key} ssh-rsa AAAAtheirs\n`,
    put(),
    `${key} ssh-rsa AAAAtheirs\n`,
  ],
  "a key within a command is none": [
    `command="${key}" ssh-rsa AAAAtheirs\n`,
    put(),
    `command="${key}" ssh-rsa AAAAtheirs\n${key}\n`,
  ],
  "a key in a comment line is none": [`#${key}\n# ${key}\n`, put(), `#${key}\n# ${key}\n${key}\n`],
  "twice is once": [`${key} a\n${other}no-pty ${key} b\n`, put(), `${key} a\n${other}`],
  "alone: comment lines and blanks stay": [
    `# of the team\n${other}\n${key}\n`,
    put({ exclusive: true }),
    `# of the team\n\n${key}\n`,
  ],
  "away: with whatever options": [`${other}no-pty ${key} me\n# end\n`, away, `${other}# end\n`],
  "away: nothing there": [other, away, other],
  "keys of an account: new": [other, keys([`${key} me`]), `${other}${key} me\n`],
  "keys of an account: in other words": [
    `no-pty ${key}\n${other}`,
    keys([`${key} me`]),
    `${key} me\n${other}`,
  ],
  "keys of an account: no others": [`# x\n${other}${key}\n`, keys([key], true), `# x\n${key}\n`],
  "keys of an account: as they are": [`\t${key} \n${other}`, keys([key]), `\t${key} \n${other}`],
});
