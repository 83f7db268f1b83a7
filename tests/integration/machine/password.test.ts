/** A password in the clear against hashes as crypt(5) knows them, made by this machine's own crypt(3). */
import { describe, expect, test } from "bun:test";
import { opens } from "../../../src/core/tools/password.ts";
import { machine } from "../../../src/modes/agent/machine/machine.ts";

const host = machine({});
const password = "Pl4in: wörd 'x' \"y\" $1";

/** What each kind begins with, salt and cost included. */
const settings = {
  yescrypt: "$y$j75$saltsaltsaltsalt$",
  "gost-yescrypt": "$gy$j75$saltsaltsaltsalt$",
  scrypt: "$7$C6..../....SodiumChloride$",
  bcrypt: "$2b$04$abcdefghijklmnopqrstuu",
  sha512: "$6$rounds=5000$saltstring$",
  sha256: "$5$saltstring$",
  "sha1, of NetBSD": "$sha1$1000$saltsalt$",
  md5: "$1$saltsalt$",
};

describe.each(Object.entries(settings))("%s", (_, setting) => {
  const made = Bun.spawnSync(["perl", "-e", "print crypt($ARGV[0], $ARGV[1])", password, setting]);
  const hash = made.stdout.toString();

  test("a hash that somebody else made opens, and only to its password", async () => {
    expect(hash).toStartWith(setting.slice(0, 3));
    expect(await opens(host, password, hash)).toBe(true);
    expect(await opens(host, `${password} `, hash)).toBe(false);
    expect(await opens(host, password, hash.slice(0, -1))).toBe(false);
  });

  test("an account that is locked, or has no password, opens to nobody", async () => {
    expect(await opens(host, password, `!${hash}`)).toBe(false);
    expect(await opens(host, password, "")).toBe(false);
    expect(await opens(host, hash, hash)).toBe(true);
  });
});
