/**
 * Is a hash of `/etc/shadow` that of a password? Hashes of SHA are made here; for the others (yescrypt, bcrypt) perl's crypt(3) is
 * asked, which every Debian has. Must not know accounts. A password goes through stdin and is never printed.
 */
import type { ReadHost } from "../host.ts";
import { newHash, shaCrypt } from "./sha-crypt.ts";

/** Hashes begin with a dollar sign, the kind, and another one; `!` and `*` open to nobody. */
export const isHash = (written: string): boolean =>
  /^\$[a-z0-9]+\$[^:\s]+$/.test(written) || /^[!*]+$/.test(written);

/** What is to be in the place of the hash. */
export const hashFor = (written: string): string => (isHash(written) ? written : newHash(written));

/** No where this machine cannot tell: a hash of our own, which it can, is as good. */
export async function opens(host: ReadHost, written: string, hash: string): Promise<boolean> {
  if (isHash(written)) return written.replace(/^!+/, "") === hash;
  if (!hash.startsWith("$")) return false;
  const made = shaCrypt(written, hash);
  if (made !== undefined) return made === hash;
  const { code } = await host.query({
    argv: ["perl", "-e", script],
    stdin: `${written}\n${hash}\n`,
    sensitive: true,
  });
  return code === 0;
}

const script =
  "chomp(my ($p, $h) = <STDIN>); my $c = crypt($p, $h); exit(defined $c && $c eq $h ? 0 : 1)";
