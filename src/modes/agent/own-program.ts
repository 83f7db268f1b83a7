/** How this program starts itself again, compiled or from source. Must not know what for. */

/** The words before the mode. */
export const ownProgram = (): readonly string[] => {
  const [program = process.execPath, script = ""] = process.argv;
  const compiled = script.startsWith("/$bunfs/") || script.startsWith("B:/~BUN/");
  return compiled ? [process.execPath] : [program, script];
};
