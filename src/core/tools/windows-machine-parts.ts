/** What a Windows machine is, which lasts until it is started anew: a piece of PowerShell for each part. Must not know who asks. */

const version = "HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
const servicing = "HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing";
const updating = "HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update";
const control = "HKLM:\\SYSTEM\\CurrentControlSet\\Control";

const of = (cim: string, fields: string) => `Get-CimInstance ${cim}|Select-Object ${fields}`;
const quiet = "-ErrorAction SilentlyContinue";

export const machineParts = {
  system: of("Win32_OperatingSystem", "Caption,Version,TotalVisibleMemorySize"),
  release: `Get-ItemProperty '${version}'|Select-Object DisplayVersion,ReleaseId,UBR`,
  ids: [
    "[PSCustomObject]@{",
    "machine=(Get-ItemProperty 'HKLM:\\SOFTWARE\\Microsoft\\Cryptography').MachineGuid;",
    `boot=(Get-ItemProperty '${control}\\Session Manager\\Memory Management\\PrefetchParameters' ${quiet}).BootId;`,
    "wide=[Environment]::Is64BitOperatingSystem;",
    `processor=(Get-ItemProperty '${control}\\Session Manager\\Environment').PROCESSOR_ARCHITECTURE}`,
  ].join(""),
  restart: [
    `if(Test-Path '${servicing}\\RebootPending'){'Component Based Servicing'};`,
    `if(Test-Path '${updating}\\RebootRequired'){'Windows Update'};`,
    `if((Get-ItemProperty '${control}\\Session Manager' ${quiet}).PendingFileRenameOperations){'PendingFileRenameOperations'}`,
  ].join(""),
  processors: of("Win32_Processor", "Name,Manufacturer,NumberOfLogicalProcessors"),
  firmware: [
    "Get-CimInstance Win32_BIOS|Select-Object Manufacturer,SMBIOSBIOSVersion,SerialNumber,",
    "@{n='Date';e={if($_.ReleaseDate){$_.ReleaseDate.ToString('MM/dd/yyyy',[Globalization.CultureInfo]::InvariantCulture)}}}",
  ].join(""),
  board: of("Win32_BaseBoard", "Manufacturer,Product,Version,SerialNumber"),
  product: of("Win32_ComputerSystemProduct", "Vendor,Name,Version,IdentifyingNumber,UUID"),
  computer: of("Win32_ComputerSystem", "Manufacturer,Model,SystemSKUNumber,HypervisorPresent"),
  chassis: "(Get-CimInstance Win32_SystemEnclosure).ChassisTypes",
  modules: of(
    "Win32_PhysicalMemory",
    "DeviceLocator,Capacity,ConfiguredClockSpeed,Speed,Manufacturer,PartNumber",
  ),
  disks: [
    "Get-PhysicalDisk|Select-Object DeviceId,Size,Manufacturer,Model,SerialNumber,FirmwareVersion,",
    "@{n='Media';e={[string]$_.MediaType}}",
  ].join(""),
  diskStates: "Get-Disk|Select-Object Number,IsReadOnly",
  screens: of(
    "Win32_VideoController",
    "Name,CurrentHorizontalResolution,CurrentVerticalResolution,CurrentRefreshRate",
  ),
  devices: [
    "Get-CimInstance Win32_PnPEntity -Filter 'DeviceID LIKE ''USB\\\\VID%'' OR DeviceID LIKE ''PCI\\\\VEN%'''",
    "|Select-Object DeviceID,Name,Manufacturer,PNPClass",
  ].join(""),
  adapters: [
    "Get-NetAdapter|Select-Object Name,MacAddress,MtuSize,ReceiveLinkSpeed,",
    "@{n='State';e={[string]$_.Status}}",
  ].join(""),
  routes: [
    "Get-NetRoute|Where-Object{$_.DestinationPrefix -eq '0.0.0.0/0' -or $_.DestinationPrefix -eq '::/0'}",
    "|Select-Object DestinationPrefix,NextHop,InterfaceAlias,",
    "@{n='Metric';e={[int]$_.RouteMetric+[int]$_.InterfaceMetric}}",
  ].join(""),
  resolvers: [
    "Get-DnsClientServerAddress|Where-Object{$_.ServerAddresses}",
    "|Select-Object InterfaceAlias,@{n='Servers';e={@($_.ServerAddresses)}}",
  ].join(""),
  names: [
    "$g=[Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties();",
    "[PSCustomObject]@{host=$g.HostName;domain=$g.DomainName}",
  ].join(""),
  language: [
    "[PSCustomObject]@{lang=(Get-WinSystemLocale).Name;",
    `keyboard=(Get-ItemProperty 'Registry::HKEY_USERS\\.DEFAULT\\Keyboard Layout\\Preload' ${quiet}).'1'}`,
  ].join(""),
  secureboot: [
    "$s=0;try{$s=[int](Get-SecureBootUEFI SetupMode).Bytes[0]}catch{};",
    `[PSCustomObject]@{setup=$s;enabled=[int](Get-ItemProperty '${control}\\SecureBoot\\State' ${quiet}).UEFISecureBootEnabled}`,
  ].join(""),
  tpm: of("-Namespace root/cimv2/Security/MicrosoftTpm Win32_Tpm", "SpecVersion"),
} as const;
