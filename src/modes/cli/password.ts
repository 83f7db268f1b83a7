/** Where passwords and codes come from: the environment for scripts, else a person at the terminal. Must not know what for. */
import { misused } from "../../core/command/args.ts";
import type { Screen } from "../../core/command/screen.ts";
import { VigoError } from "../../core/errors.ts";

interface Asking {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly screen: Pick<Screen, "watched">;
}

/** One that is known already. */
export async function password(question: string, asking: Asking): Promise<string> {
  return asking.env["VIGO_PASSWORD"] ?? hidden(question, "VIGO_PASSWORD", asking);
}

/** A new one, typed twice. */
export async function newPassword(question: string, asking: Asking): Promise<string> {
  const given = asking.env["VIGO_NEW_PASSWORD"];
  if (given !== undefined) return given;
  const first = await hidden(question, "VIGO_NEW_PASSWORD", asking);
  if ((await hidden("Once more: ", "VIGO_NEW_PASSWORD", asking)) !== first)
    throw misused("the two are not the same");
  return first;
}

/** What an authenticator app shows; undefined where nobody can be asked. */
export async function shownCode({ screen }: Asking): Promise<string | undefined> {
  if (!screen.watched) return undefined;
  const { readLine } = await import("./terminal.ts");
  return (await readLine("Code of the authenticator: ")).trim();
}

async function hidden(question: string, variable: string, { screen }: Asking): Promise<string> {
  if (!screen.watched)
    throw new VigoError("invalid", "there is no terminal to ask for the password", {
      hint: `give it in ${variable}`,
    });
  const { readHidden } = await import("./terminal.ts");
  return readHidden(question);
}
