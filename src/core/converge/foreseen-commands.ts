/** What a command would end with, as far as a dry run can tell: at once, or by its own word. Must not know commands, nor run any. */
import { Unforeseen } from "../errors.ts";
import type { Command, CommandResult, Host, ReadHost } from "../host.ts";
import { noSuchFolder, noSuchUser, programMissing } from "../refused-commands.ts";

/** `host` is a machine in memory. */
export async function foreseen(host: Host, command: Command): Promise<CommandResult> {
  const { argv, user, cwd, env } = command;
  const program = "shell" in argv ? "sh" : (argv[0] ?? "");
  if (user !== undefined && (await host.user(user)) === undefined) throw noSuchUser(user);
  if (cwd !== undefined && (await host.stat(cwd, { follow: true })) === undefined)
    throw noSuchFolder(program, cwd);
  const folders = host.foresight && (env?.["PATH"] ?? host.foresight.programs);
  if (folders !== undefined && !(await isThere(host, program, folders)))
    return programMissing(program);
  if (command.foreseen === undefined) throw new Unforeseen("");
  return await command.foreseen(host);
}

async function isThere(host: ReadHost, program: string, folders: string): Promise<boolean> {
  const places = program.includes("/")
    ? [program]
    : folders.split(":").map((folder) => `${folder}/${program}`);
  for (const place of places.filter((each) => each.startsWith("/"))) {
    const found = await host.stat(place, { follow: true });
    if (found?.kind === "file" && (found.mode & 0o111) !== 0) return true;
  }
  // What is named from the folder it runs in is for the run to find.
  return program.includes("/") && !program.startsWith("/");
}
