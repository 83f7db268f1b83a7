/**
 * The same for Windows, in PowerShell 5.1: fetches the program, proves that it is the one this server offers, and lets it enrol.
 * All of it is one block that is called in the last line, so that half a script does nothing. Must not know files.
 */
import type { Program } from "./programs.ts";

/** `server` is `HOST:PORT`, as the caller reached it. */
export function windowsScript({
  server,
  programs,
}: {
  readonly server: string;
  readonly programs: readonly Program[];
}): string {
  const sums = programs
    .filter(({ target }) => target.startsWith("windows-"))
    .map(({ target, sha256 }) => `    '${target}' = '${sha256}'`);
  return `# Installs the Vigo agent from ${server} and enrols this machine:
#   $env:VIGO_TOKEN = 'vgt_...'; then run this script as an administrator.
# VIGO_BIN names another place for the program than C:\\Program Files\\Vigo\\vigo.exe.
$install = {
  $ErrorActionPreference = 'Stop'
  $sums = @{
${sums.join("\n")}
  }
  if (-not $env:VIGO_TOKEN) { throw 'vigo: set VIGO_TOKEN to a token: vigo cli tokens create' }
  $arch = if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64') { 'arm64' } else { 'x64' }
  $target = "windows-$arch"
  if (-not $sums.ContainsKey($target)) {
    throw "vigo: this server has no program for $target; an admin puts vigo-$target.exe into its downloads/"
  }
  # Keys and former contents of files: for the system and administrators alone.
  $agentHome = Join-Path $env:ProgramData 'Vigo'
  New-Item -ItemType Directory -Force -Path $agentHome | Out-Null
  & icacls.exe $agentHome /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
  if ($LASTEXITCODE -ne 0) { throw "vigo: the rights of $agentHome could not be set ($LASTEXITCODE): is this an administrator?" }
  $bin = if ($env:VIGO_BIN) { $env:VIGO_BIN } else { Join-Path $env:ProgramFiles 'Vigo\\vigo.exe' }
  New-Item -ItemType Directory -Force -Path (Split-Path $bin) | Out-Null
  $draft = "$bin.new"
  # The certificate is not what is trusted here: the sum is, which came with this script.
  & curl.exe -fsSk -o $draft "https://${server}/download/$target"
  if ($LASTEXITCODE -ne 0) { throw "vigo: the program could not be fetched from ${server}" }
  if ((Get-FileHash -Algorithm SHA256 -Path $draft).Hash.ToLower() -ne $sums[$target]) {
    Remove-Item -Force $draft
    throw 'vigo: what came is not the program that this server offers'
  }
  # What runs cannot be written over, but it can be given another name.
  if (Test-Path $bin) { Move-Item -Force $bin "$bin.old" }
  Move-Item -Force $draft $bin
  & $bin agent bootstrap --server '${server}' --token $env:VIGO_TOKEN @args
  if ($LASTEXITCODE -ne 0) { throw "vigo: enrolment failed ($LASTEXITCODE)" }
}
& $install @args
`;
}
