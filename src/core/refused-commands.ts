/** Why a command is not even begun, in the words of the run and of the dry run before it. Must not know what it is for. */
import { VigoError } from "./errors.ts";
import type { CommandResult } from "./host.ts";

export const noSuchFolder = (program: string, cwd: string): VigoError =>
  new VigoError("failed", `cannot run ${program} in ${cwd}: no such folder`, {
    hint: "declare the folder, and depend on it",
  });

export const noSuchUser = (user: string): VigoError =>
  new VigoError("failed", `cannot run as ${user}: no such user`, {
    hint: "declare it as a user resource, and depend on it",
  });

/** What the shell would answer. */
export const programMissing = (program: string): CommandResult => ({
  code: 127,
  stdout: "",
  stderr: `${program}: not found`,
});
