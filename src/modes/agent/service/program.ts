/** The program where every user of the machine finds it. Must not know services. */
import * as files from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";

/** Copies this executable there. A running program cannot be written over, but its name can be given to another file. */
export async function installProgram(program: string): Promise<void> {
  const self = process.execPath;
  if (self === program) return;
  const fresh = `${program}.new`;
  await files.copyFile(self, fresh);
  await files.chmod(fresh, 0o755);
  await files.rename(fresh, program);
}

/** A folder that can stand in a unit or a property list as it is. Throws `invalid` for any other. */
export function plainHome(home: string): string {
  if (!/[\s"'\\%$<>&]/.test(home)) return home;
  throw new VigoError(
    "invalid",
    `--home ${home} has characters that a definition of a service gives a meaning`,
    { hint: "choose a plain path, or --no-service" },
  );
}
