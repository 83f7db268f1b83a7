import { windowsFeature } from "../../src/core/resources/windows_feature.ts";
import { type Case, cases } from "../support/cases.ts";
import { powershellLine, windows as os } from "../support/powershell.ts";

const ask = powershellLine(
  "if(Get-Command Get-WindowsFeature -ErrorAction SilentlyContinue) {$f=Get-WindowsFeature -Name 'Web-Server'; $k='server'; $s=[string]$f.InstallState} else {$f=Get-WindowsOptionalFeature -Online -FeatureName 'Web-Server'; $k='client'; $s=[string]$f.State}; ConvertTo-Json -Compress -InputObject @{known=[bool]$f;kind=$k;state=$s}",
);

function row(
  kind: string,
  before: string,
  script: string,
  after: string,
  wish: Record<string, unknown>,
): Case {
  const write = powershellLine(script);
  return {
    given: {
      os,
      files: { state: before },
      commands: {
        [ask]: (files) => `{"kind":"${kind}","state":"${files.get("state")}","known":true}`,
        [write]: (files) => {
          files.set("state", after);
          return "";
        },
      },
    },
    wish: { feature: "Web-Server", ...wish },
    does: before === after ? [] : [`run ${write}`],
  };
}

cases(windowsFeature, {
  "a role of a server": row(
    "server",
    "Available",
    "$null=Install-WindowsFeature -Name 'Web-Server' -IncludeManagementTools",
    "Installed",
    { include_management: true },
  ),
  "a role that waits for a restart": row(
    "server",
    "Removed",
    "$null=Install-WindowsFeature -Name 'Web-Server'",
    "InstallPending",
    {},
  ),
  "a role that is there": row("server", "Installed", "", "Installed", {}),
  "no such role": row(
    "server",
    "Installed",
    "$null=Uninstall-WindowsFeature -Name 'Web-Server'",
    "UninstallPending",
    { state: "absent" },
  ),
  "an optional feature": row(
    "client",
    "Disabled",
    "$null=Enable-WindowsOptionalFeature -Online -FeatureName 'Web-Server' -All -NoRestart",
    "EnablePending",
    {},
  ),
  "no such optional feature": row(
    "client",
    "Enabled",
    "$null=Disable-WindowsOptionalFeature -Online -FeatureName 'Web-Server' -NoRestart",
    "DisablePending",
    { state: "absent" },
  ),
  "one that Windows does not know": {
    given: { os, commands: { [ask]: '{"kind":"server","state":"","known":false}' } },
    wish: { feature: "Web-Server" },
    does: [],
    ends: "failed",
    because: "Windows has no feature Web-Server",
  },
  "an answer in another shape": {
    given: { os, commands: { [ask]: "[]" } },
    wish: { feature: "Web-Server" },
    does: [],
    ends: "failed",
    because: "cannot be read",
  },
});
