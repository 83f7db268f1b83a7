/** A key made on a host, and apt's index signed with it. Must not know resource types. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabHost } from "./host.ts";

const gpg = ["gpg", "--batch", "--quiet", "--homedir", "/srv/gpg"];

/** The key armoured, and its fingerprint. The host keeps the secret one. */
export async function signingKey(host: LabHost) {
  await host.sh(`mkdir -m 0700 -p /srv/gpg; gpg --batch --quiet --homedir /srv/gpg --passphrase '' \\
    --quick-gen-key 'Lab <lab@example.com>' rsa2048 sign never 2>&1`);
  const key = await host.ok([...gpg, "--armor", "--export"]);
  const listed = await host.ok([...gpg, "--with-colons", "--fingerprint"]);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1];
  if (fingerprint === undefined) throw new Error(`gpg says no fingerprint: ${listed}`);
  return { key, fingerprint };
}

/** `InRelease` beside `Packages`, in the form of Debian's repositories. */
export async function signIndex(host: LabHost, pool: string): Promise<void> {
  const packages = await Bun.file(join(pool, "Packages")).bytes();
  const sha256 = createHash("sha256").update(packages).digest("hex");
  const date = new Date().toUTCString().replace("GMT", "UTC");
  const release = `Origin: Lab\nDate: ${date}\nSHA256:\n ${sha256} ${packages.length} Packages\n`;
  const signed = await host.ok([...gpg, "--clearsign"], { stdin: release });
  writeFileSync(join(pool, "InRelease"), signed);
}
