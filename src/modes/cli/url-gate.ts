/** Whether the addresses in checked stacks answer, asked from this host. Must not know what is done with the answer. */
import files from "node:fs/promises";
import { compile } from "../../core/bundle/compile.ts";
import { readLive } from "../../core/publish/live.ts";
import { checkUrls } from "../../core/publish/url-gate.ts";
import { type Checked, registries } from "./stacks.ts";
import { web } from "./web.ts";

/** `home`: of the server, where what is live tells which addresses are new. */
export async function askedUrls(
  checked: Checked,
  home: string,
  allow: readonly string[],
): Promise<Checked> {
  const { policy, problems, warnings } = checked;
  if (policy === undefined) return checked;
  const live = async () => {
    const found = await readLive(files, home);
    return found && compile(found.tree, registries).policy;
  };
  const asked = await checkUrls(policy, live, { web, allow });
  return {
    ...checked,
    problems: [...problems, ...asked.problems],
    warnings: [...warnings, ...asked.warnings],
  };
}
