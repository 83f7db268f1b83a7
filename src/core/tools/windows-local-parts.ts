/** How a Windows machine is at the moment: a piece of PowerShell for each part. Must not know who asks. */

export const localParts = {
  memory: [
    "Get-CimInstance Win32_OperatingSystem|Select-Object TotalVisibleMemorySize,FreePhysicalMemory,",
    "@{n='Booted';e={I $_.LastBootUpTime}}",
  ].join(""),
  pagefiles:
    "Get-CimInstance Win32_PageFileUsage|Select-Object Name,AllocatedBaseSize,CurrentUsage",
  clock: [
    "[PSCustomObject]@{zone=[TimeZoneInfo]::Local.Id;",
    "minutes=[int][TimeZoneInfo]::Local.GetUtcOffset([DateTime]::UtcNow).TotalMinutes;",
    "service=[string](Get-Service W32Time).Status;",
    "kind=(Get-ItemProperty 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Parameters').Type}",
  ].join(""),
  volumes: [
    "Get-CimInstance Win32_Volume|Select-Object Name,DeviceID,FileSystem,Capacity,FreeSpace,DriveType,",
    "@{n='System';e={$_.Name -eq [IO.Path]::GetPathRoot([Environment]::SystemDirectory)}}",
  ].join(""),
  battery: "Get-CimInstance Win32_Battery|Select-Object EstimatedChargeRemaining,BatteryStatus",
  processes: [
    "Get-CimInstance Win32_Process|Select-Object ProcessId,ParentProcessId,Name,ExecutablePath,WorkingSetSize,HandleCount,",
    "@{n='Cpu';e={([double]$_.KernelModeTime+[double]$_.UserModeTime)/1e7}},",
    "@{n='Age';e={if($_.CreationDate){[Math]::Max(0,((Get-Date)-$_.CreationDate).TotalSeconds)}}},",
    "@{n='Asks';e={$_.ProcessId -eq $PID}}",
  ].join(""),
  tcp: "Get-NetTCPConnection -State Listen|Select-Object LocalAddress,LocalPort,OwningProcess",
  udp: "Get-NetUDPEndpoint|Select-Object LocalAddress,LocalPort,OwningProcess",
  services: "Get-CimInstance Win32_Service|Select-Object Name,State,StartMode,ExitCode",
  accounts: "Get-CimInstance Win32_UserAccount -Filter 'LocalAccount=True'|Select-Object Name,SID",
  administrators: [
    "$n=(Get-CimInstance Win32_Group -Filter 'LocalAccount=True AND SID=''S-1-5-32-544''').Name;",
    "([ADSI]('WinNT://'+[Environment]::MachineName+'/'+$n+',group')).psbase.Invoke('Members')",
    "|ForEach-Object{([ADSI]$_).Path}",
  ].join(""),
  sessions: [
    "Get-CimInstance Win32_Process -Filter 'Name=''explorer.exe'''",
    "|ForEach-Object{(Invoke-CimMethod -InputObject $_ -MethodName GetOwner).User}",
  ].join(""),
  logins: [
    "if(Get-Command Get-LocalUser -ErrorAction SilentlyContinue){Get-LocalUser",
    "|Where-Object{$_.LastLogon}|Select-Object Name,@{n='At';e={I $_.LastLogon}}}",
  ].join(""),
} as const;
