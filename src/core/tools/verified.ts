/**
 * A change of the network that is taken back when the machine cannot do afterwards what it must. Must not know what was changed.
 */
import { VigoError } from "../errors.ts";
import type { Host } from "../host.ts";

const longestMs = 30_000;

/** What the parameter says, the same in each type that has it. */
export const verifyMeans =
  "Shell command that must work afterwards, within 30 s, as reaching the server must; otherwise what was before comes back.";

/** `undo` is run when the command fails, or when what was done ended half way. */
export async function verified(
  host: Host,
  verify: string | undefined,
  work: () => Promise<void>,
  undo: () => Promise<void>,
): Promise<void> {
  await work();
  if (verify === undefined) return;
  const { code, stderr } = await host.run({ argv: { shell: verify }, timeoutMs: longestMs });
  if (code === 0) return;
  await undo();
  const said = stderr.trim().split("\n").at(-1) ?? "";
  throw new VigoError(
    "failed",
    `taken back, because afterwards this failed: ${verify}: exit ${code}${said === "" ? "" : `: ${said}`}`,
    { hint: "what is declared would cut this machine off, or verify asks for too much" },
  );
}
