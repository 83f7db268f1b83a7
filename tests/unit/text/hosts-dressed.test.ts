/** `host` on exact cases in every dress. */
import { type HostWish, withHost, withoutHost } from "../../../src/core/text/hosts.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const put = (hostname: string, ip: string, aliases?: readonly string[]) => {
  const wish: HostWish = { hostname, ip, ...(aliases && { aliases }) };
  return onText((doc) => withHost(doc, wish));
};
const away = (hostname: string, ip?: string) => onText((doc) => withoutHost(doc, hostname, ip));
const loop = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n";

everyDress({
  "new, at the end": [loop, put("db", "10.0.0.5"), `${loop}10.0.0.5\tdb\n`],
  "new, with aliases": [loop, put("db.x", "10.0.0.5", ["db", "d"]), `${loop}10.0.0.5\tdb.x db d\n`],
  "another address": ["10.0.0.5  db # main\n", put("db", "10.0.0.6"), "10.0.0.6  db # main\n"],
  "aliases in place, gaps and comment stay": [
    " 10.0.0.5 \t db a   b\t# main\n",
    put("db", "10.0.0.5", ["a", "c"]),
    " 10.0.0.5 \t db a c\t# main\n",
  ],
  "aliases that stand already stay as they are written": [
    "10.0.0.5 db  a   b\n",
    put("db", "10.0.0.5", ["a", "b"]),
    "10.0.0.5 db  a   b\n",
  ],
  "aliases that nobody declared stay": [
    "10.0.0.5 db a b\n",
    put("db", "10.0.0.5"),
    "10.0.0.5 db a b\n",
  ],
  "letters of any size are the same name": [
    "10.0.0.5 DB.Example.COM\n",
    put("db.example.com", "10.0.0.5"),
    "10.0.0.5 DB.Example.COM\n",
  ],
  "an alias of another is taken from it": [
    "10.0.0.1 web db www\n",
    put("db", "10.0.0.5"),
    "10.0.0.1 web www\n10.0.0.5\tdb\n",
  ],
  "a line of the other kind of address stays": [
    "fd00::5 db\n",
    put("db", "10.0.0.5"),
    "fd00::5 db\n10.0.0.5\tdb\n",
  ],
  "an IPv6 address with a zone": ["fe80::1%eth0 gw\n", put("gw", "fe80::2"), "fe80::2 gw\n"],
  "two lines become one": [
    "10.0.0.5 db\nx\n10.0.0.5 db\n",
    put("db", "10.0.0.5"),
    "10.0.0.5 db\nx\n",
  ],
  "a comment is no line": ["#10.0.0.5 db\n", put("db", "10.0.0.5"), "#10.0.0.5 db\n10.0.0.5\tdb\n"],
  "a name within a comment is none": [
    "10.0.0.1 web # not db\n",
    put("db", "10.0.0.5"),
    "10.0.0.1 web # not db\n10.0.0.5\tdb\n",
  ],
  "what is no address is nobody's": [
    "db 10.0.0.5\n10.0.0.5\n",
    put("db", "10.0.0.5"),
    "db 10.0.0.5\n10.0.0.5\n10.0.0.5\tdb\n",
  ],
  "a name that begins alike is another": [
    "10.0.0.5 db1 db-old\n",
    put("db", "10.0.0.5"),
    "10.0.0.5 db1 db-old\n10.0.0.5\tdb\n",
  ],
  "away: its line and its name in others": [
    `${loop}10.0.0.5 db a\n10.0.0.6 web db # both\n`,
    away("db"),
    `${loop}10.0.0.6 web # both\n`,
  ],
  "away: of one address": ["10.0.0.5 db\nfd00::5 db\n", away("db", "fd00::5"), "10.0.0.5 db\n"],
  "away: nothing there": [loop, away("db"), loop],
});
