/** What commands find in their environment: the system's own, and nothing that whoever started the agent had. Must not know any command. */

type Variables = Readonly<Record<string, string | undefined>>;

/** Without these Windows starts no program that is more than one file; they say where the system is, and hold nothing of a person's. */
const ofWindows = [
  "SystemRoot",
  "SystemDrive",
  "windir",
  "ComSpec",
  "PATHEXT",
  "TEMP",
  "TMP",
  "ProgramData",
  "ALLUSERSPROFILE",
  "ProgramFiles",
  "ProgramFiles(x86)",
  "ProgramW6432",
  "CommonProgramFiles",
  "USERPROFILE",
  "COMPUTERNAME",
  "PROCESSOR_ARCHITECTURE",
  "NUMBER_OF_PROCESSORS",
  "OS",
] as const;

/** Where programs are looked for. */
export function searchedOn(platform: NodeJS.Platform, own: Variables): string {
  if (platform !== "win32") return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const root = own["SystemRoot"] ?? "C:\\Windows";
  const system = `${root}\\System32`;
  return [
    system,
    root,
    `${system}\\Wbem`,
    `${system}\\WindowsPowerShell\\v1.0`,
    `${system}\\OpenSSH`,
  ].join(";");
}

/** Messages of tools are to be English and of one byte order, wherever a variable decides it. */
export function cleanEnvironment(
  platform: NodeJS.Platform,
  own: Variables,
): Record<string, string> {
  const PATH = searchedOn(platform, own);
  if (platform !== "win32") return { PATH, LANG: "C", LC_ALL: "C" };
  const kept = ofWindows.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), PATH };
}
