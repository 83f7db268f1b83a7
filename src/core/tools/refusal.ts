/** Reading what the kernel or an owner may refuse, where the refusal is an answer too. Must not know what is read. */
import { VigoError } from "../errors.ts";

/** Undefined where the system answers with one of these errno names; everything else rejects as before. */
export async function unlessCode<T>(
  codes: readonly string[],
  reading: Promise<T>,
): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const cause: unknown = error instanceof VigoError ? error.cause : undefined;
    if (cause instanceof Error && "code" in cause && codes.includes(String(cause.code)))
      return undefined;
    throw error;
  }
}

/** Undefined where only root may look and the agent is not root. */
export async function unlessDenied<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof VigoError && error.failure === "denied") return undefined;
    throw error;
  }
}
