/** What is installed and set up on Windows: a piece of PowerShell for each part. Must not know who asks. */

const uninstall = "Microsoft\\Windows\\CurrentVersion\\Uninstall\\*";

/** Kept for an hour; updates by themselves, because the search takes seconds. */
export const softwareParts = {
  kept: {
    programs: [
      `Get-ItemProperty 'HKLM:\\SOFTWARE\\${uninstall}','HKLM:\\SOFTWARE\\WOW6432Node\\${uninstall}' -ErrorAction SilentlyContinue`,
      "|Where-Object{$_.DisplayName -and $_.SystemComponent -ne 1 -and -not $_.ParentKeyName}",
      "|Select-Object @{n='Name';e={[string]$_.DisplayName}},@{n='Version';e={[string]$_.DisplayVersion}}",
    ].join(""),
    groups: [
      "Get-CimInstance Win32_Group -Filter 'LocalAccount=True'|Select-Object Name,@{n='Members';e={",
      "@(([ADSI]('WinNT://'+[Environment]::MachineName+'/'+$_.Name+',group')).psbase.Invoke('Members')",
      "|ForEach-Object{([ADSI]$_).Path})}}",
    ].join(""),
    firewall: [
      "$f=New-Object -ComObject HNetCfg.FwPolicy2;foreach($p in 1,2,4){if($f.CurrentProfileTypes -band $p){",
      "[PSCustomObject]@{enabled=[bool]$f.FirewallEnabled($p);inbound=[int]$f.DefaultInboundAction($p);",
      "outbound=[int]$f.DefaultOutboundAction($p);rules=[int]$f.Rules.Count}}}",
    ].join(""),
    owner: [
      "$c=Get-CimInstance Win32_ComputerSystem;[PSCustomObject]@{vendor=$c.Manufacturer;product=$c.Model;",
      "asset=[string](Get-CimInstance Win32_SystemEnclosure).SMBIOSAssetTag;",
      "bios=(Get-CimInstance Win32_BIOS).SMBIOSBIOSVersion}",
    ].join(""),
    sshKeys: [
      "Get-ChildItem ([Environment]::GetFolderPath('CommonApplicationData')+'\\ssh\\ssh_host_*_key.pub') -ErrorAction SilentlyContinue",
      "|ForEach-Object{[PSCustomObject]@{name=$_.Name;key=[IO.File]::ReadAllText($_.FullName)}}",
    ].join(""),
    sshSettings: [
      "$s=[Environment]::SystemDirectory+'\\OpenSSH\\sshd.exe';if(Test-Path $s){$ErrorActionPreference='Continue';",
      "$t=@(& $s -T 2>$null|ForEach-Object{[string]$_});if($LASTEXITCODE -eq 0){$t}}",
    ].join(""),
    certificates: [
      "Get-ChildItem Cert:\\LocalMachine\\My|Select-Object Thumbprint,",
      "@{n='Der';e={[Convert]::ToBase64String($_.RawData)}}",
    ].join(""),
  },
  updates: {
    updates: [
      "$s=(New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher();$s.Online=$false;",
      "$s.Search('IsInstalled=0 and IsHidden=0').Updates|ForEach-Object{[PSCustomObject]@{title=[string]$_.Title;",
      "kb=[string](@($_.KBArticleIDs)[0]);kinds=@($_.Categories|ForEach-Object{[string]$_.CategoryID})}}",
    ].join(""),
  },
} as const;
