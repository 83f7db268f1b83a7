/** `vigo cli config rollback [VERSION]` */
import files from "node:fs/promises";
import { rollbackConfig } from "../../../../core/api/publish.ts";
import { compile } from "../../../../core/bundle/compile.ts";
import { misused } from "../../../../core/command/args.ts";
import { VigoError } from "../../../../core/errors.ts";
import { publishTree } from "../../../../core/publish/publish.ts";
import { restoring, versionToRestore } from "../../../../core/publish/rollback.ts";
import { command } from "../../command.ts";
import { thisProcess } from "../../holder.ts";
import { painted } from "../../print/text.ts";
import { actor, inHome } from "../../publish.ts";
import { isElsewhere } from "../../remote.ts";
import { homeOf, registries } from "../../stacks.ts";
import { versionNumber } from "../../versions.ts";
import { watchedThere } from "../../watched-there.ts";

export default command({
  args: {
    version: {
      type: "positional",
      description: "Version to go back to, else the one before the live one.",
      required: false,
    },
    message: {
      type: "string",
      description: "Why, for the history.",
      default: "",
      valueHint: "TEXT",
    },
    force: { type: "boolean", description: "Also in a freeze; needs --reason." },
    reason: { type: "string", description: "Why it cannot wait.", valueHint: "TEXT" },
  },
  examples: ["vigo cli config rollback --message 'the sites were down'"],
  run: async ({ version, message, force, reason }, cli) => {
    const asked = version === undefined ? undefined : versionNumber(version);
    if (force && (reason?.trim() ?? "") === "") throw misused("--force needs --reason TEXT");
    const forced = force && reason !== undefined ? { force: reason.trim() } : {};
    if (!isElsewhere(cli)) return restoreHere(homeOf(cli.wanted), asked, { message, ...forced });
    const body = { message, ...forced, ...(asked === undefined ? {} : { version: asked }) };
    const watching = { screen: cli.screen, call: cli.call, what: "rollback" } as const;
    return watchedThere(watching, "publishing", () =>
      cli.call(rollbackConfig, { params: {}, body }),
    );
  },
  print: ({ version, restored }, screen) =>
    `${painted(screen, "green", "Published")} version ${version}: the content of ${restored} again. The stacks are as they were: mend them before the next publish.`,
});

/** It ran before: what a newer program finds fault with is enforced all the same, only what it cannot read is refused. */
const restoreHere = (
  home: string,
  asked: number | undefined,
  said: { readonly message: string; readonly force?: string },
) =>
  inHome(home, async () => {
    const target = await versionToRestore(files, home, asked);
    const { policy, problems } = compile(target.tree, registries);
    if (policy === undefined)
      throw new VigoError(
        "failed",
        `version ${target.manifest.version} cannot be used by this program: ${problems[0]?.message}`,
        { hint: "choose another: vigo cli config history" },
      );
    const who = { ...said, actor: await actor(), now: new Date() };
    const done = await publishTree(files, home, restoring(target, who), thisProcess);
    if (done.kind === "unchanged")
      throw new VigoError("conflict", `version ${done.version} has this content already`);
    const { version, digest } = done.manifest;
    return { version, digest, restored: target.manifest.version };
  });
