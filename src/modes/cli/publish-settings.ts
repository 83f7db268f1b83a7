/** What the `server.yaml` of a home says about publishing, for who does it from there. Must not know what it is for. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ifThere } from "../../core/publish/errno.ts";
import { type PublishSettings, readPublishSettings } from "../../core/publish/settings.ts";
import type { Cli } from "./command.ts";
import { homeOf } from "./stacks.ts";

/** As the server finds it: in the home, or where VIGO_CONFIG_FILE says. */
export async function publishSettingsOf({
  wanted,
  env,
}: Pick<Cli, "wanted" | "env">): Promise<PublishSettings> {
  const file = env["VIGO_CONFIG_FILE"] || join(homeOf(wanted), "server.yaml");
  return readPublishSettings((await ifThere(readFile(file, "utf8"))) ?? "", file);
}
