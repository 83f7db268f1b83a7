/** How Windows PowerShell is started for a script, as one line for tables of commands. Must not know scripts. */
export const powershellLine = (script: string): string =>
  `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command $ErrorActionPreference='Stop'; [Console]::OutputEncoding=[Text.UTF8Encoding]::new($false); ${script}`;

export const windows = { platform: "windows", family: "windows", init: "windows" } as const;
