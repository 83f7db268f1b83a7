/** Whether the addresses in checked stacks answer, asked from this host while its server is down. Must not know what is done with the answer. */
import files from "node:fs/promises";
import { soundLive } from "../../core/publish/live.ts";
import { checkUrls } from "../../core/publish/url-gate.ts";
import type { Cli } from "./command.ts";
import { livePolicyIn } from "./live-policy.ts";
import type { Progress } from "./progress.ts";
import { publishSettingsOf } from "./publish-settings.ts";
import { type Checked, homeOf } from "./stacks.ts";
import { web } from "./web.ts";

/** What is live tells which addresses are new. */
export async function askedUrls(
  checked: Checked,
  cli: Cli,
  progress: Pick<Progress, "at">,
): Promise<Checked> {
  const { policy, problems, warnings } = checked;
  if (policy === undefined) return checked;
  const live = async () => {
    const { live: found } = await soundLive(files, homeOf(cli.wanted));
    return found && livePolicyIn(found.tree, progress);
  };
  const { url_allow: allow } = await publishSettingsOf(cli);
  const asked = await checkUrls(policy, live, undefined, {
    web,
    allow,
    asked: (done, all) => progress.at(done, all, "asking addresses"),
  });
  return {
    ...checked,
    problems: [...problems, ...asked.problems],
    warnings: [...warnings, ...asked.warnings],
  };
}
