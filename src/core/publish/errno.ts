/** The few errors of a file system that are answers. Must not know which call asked. */

export const errno = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;

/** What a call gives, or undefined where there is no such file. */
export async function ifThere<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}
