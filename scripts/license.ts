/**
 * For the vendor: makes the key that signs licences, and signs them. `bun scripts/license.ts new-key FILE` keeps the private half in
 * FILE and prints the public one, for src/modes/server/license/vendor-key.ts; `bun scripts/license.ts sign FILE '{"id": …}'`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { type License, writeLicense } from "../src/core/license.ts";
import { newKeyPair, signingKey } from "../src/core/pki/keys.ts";

const [verb, file = "", facts = ""] = process.argv.slice(2);
if (verb === "new-key" && file !== "") {
  const { seed, publicKey } = newKeyPair();
  await writeFile(file, seed, { mode: 0o600, flag: "wx" });
  console.log(Buffer.from(publicKey).toString("hex"));
} else if (verb === "sign" && facts !== "")
  console.log(writeLicense(JSON.parse(facts) as License, signingKey(await readFile(file))));
else {
  console.error("usage: bun scripts/license.ts new-key FILE | sign FILE '{\"id\": …}'");
  process.exit(2);
}
