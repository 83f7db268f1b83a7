/** A process that puts one certificate in the place of another until it is killed. */
import { writeCertificate } from "../../../src/modes/agent/identity.ts";

const [, , home = "", pairs = "[]"] = process.argv;
const known = JSON.parse(pairs) as readonly {
  readonly certificate: string;
  readonly key: string;
}[];
process.stdout.write("begun\n");
for (;;)
  for (const { certificate, key } of known) await writeCertificate(home, { certificate, key });
