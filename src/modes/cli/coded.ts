/** Calls that take a code only when the user has a second factor: asked for when the server says so. Must not know the calls. */
import { codeNeeded } from "../../core/api/auth.ts";
import { asVigoError } from "../../core/errors.ts";

type Code = { readonly code?: string };

/** `call` may be called twice. */
export async function coded<R>(
  given: string | undefined,
  ask: () => Promise<string | undefined>,
  call: (code: Code) => Promise<R>,
): Promise<R> {
  try {
    return await call(given === undefined ? {} : { code: given });
  } catch (caught) {
    const isMissing = given === undefined && asVigoError(caught).message === codeNeeded;
    const code = isMissing ? await ask() : undefined;
    if (code === undefined) throw caught;
    return call({ code });
  }
}
