/** Whether the addresses in checked stacks answer, asked from this host while its server is down. Must not know what is done with the answer. */
import files from "node:fs/promises";
import { compile } from "../../core/bundle/compile.ts";
import { soundLive } from "../../core/publish/live.ts";
import { checkUrls } from "../../core/publish/url-gate.ts";
import type { Cli } from "./command.ts";
import { publishSettingsOf } from "./publish-settings.ts";
import { type Checked, homeOf, registries } from "./stacks.ts";
import { web } from "./web.ts";

/** What is live tells which addresses are new. */
export async function askedUrls(checked: Checked, cli: Cli): Promise<Checked> {
  const { policy, problems, warnings } = checked;
  if (policy === undefined) return checked;
  const live = async () => {
    const { live: found } = await soundLive(files, homeOf(cli.wanted));
    return found && compile(found.tree, registries).policy;
  };
  const { url_allow: allow } = await publishSettingsOf(cli);
  const asked = await checkUrls(policy, live, undefined, { web, allow });
  return {
    ...checked,
    problems: [...problems, ...asked.problems],
    warnings: [...warnings, ...asked.warnings],
  };
}
