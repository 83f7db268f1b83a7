/** What the secrets hold that `server.yaml` names, read anew each time it is. Must not know what they are for. */
import { VigoError } from "../../../core/errors.ts";
import type { Reveal } from "../config/read.ts";
import type { Home } from "../home.ts";
import { openKeeper } from "./open.ts";

/** What a backend has to say of its own troubles is in the error, or is said by the one that stays open. */
const silent = {
  log: { info: () => {}, warn: () => {}, error: () => {} },
  noticed: () => {},
};

/** A line break at the end, as editors and `echo` leave it, is no part of a value. */
export const revealing =
  (home: Home): Reveal =>
  async (asked, settings) => {
    const keeper = await openKeeper(home, settings, { ...silent, used: () => asked });
    try {
      const found = new Map<string, string>();
      for (const path of asked) {
        const value = await textIn(keeper, path);
        if (value !== undefined) found.set(path, value.replace(/\r?\n$/, ""));
      }
      return found;
    } finally {
      keeper.close();
    }
  };

async function textIn(
  keeper: Awaited<ReturnType<typeof openKeeper>>,
  path: string,
): Promise<string | undefined> {
  try {
    const { value } = await keeper.get(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(value);
  } catch (error) {
    if (error instanceof VigoError && error.failure === "missing") return undefined;
    if (error instanceof TypeError)
      throw new VigoError("invalid", `the secret ${path} is no text`, { cause: error });
    throw error;
  }
}
