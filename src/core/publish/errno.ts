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

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it is not there",
  ENOTDIR: "it is not there",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
};

/** In words, why a file that a person has named cannot be read; undefined for what no file system says. */
export function whyUnreadable(error: unknown): string | undefined {
  const code = errno(error);
  return code === undefined ? undefined : (reasons[code] ?? code);
}
