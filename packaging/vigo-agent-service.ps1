# The agent as a Windows service: LocalSystem, because it manages the machine. `vigo agent bootstrap` runs it, as an administrator.
# Windows ends a service that does not answer its service manager, and a program of another platform cannot answer: so a host of a
# few lines is compiled on this machine, by the compiler that is part of every Windows, which starts the agent and is asked in its place.
param(
  [Parameter(Mandatory = $true)][string]$Program,
  [Parameter(Mandatory = $true)][string]$AgentHome,
  [switch]$NoStart,
  [switch]$Remove
)
$ErrorActionPreference = 'Stop'
$name = 'VigoAgent'
$shell = Join-Path (Split-Path -Parent $Program) 'vigo-service.exe'

$known = Get-Service -Name $name -ErrorAction SilentlyContinue
if ($known) {
  Stop-Service -Name $name -Force
  & sc.exe delete $name | Out-Null
  if ($LASTEXITCODE -ne 0) { throw "vigo: the service $name could not be removed ($LASTEXITCODE)" }
  # It is gone when the last program that looks at it has let go.
  $deadline = (Get-Date).AddSeconds(30)
  while (Get-Service -Name $name -ErrorAction SilentlyContinue) {
    if ((Get-Date) -gt $deadline) { throw "vigo: the service $name does not go: close the window of services, then try again" }
    Start-Sleep -Milliseconds 200
  }
}
if ($Remove) {
  if (Test-Path -LiteralPath $shell) { Remove-Item -Force -LiteralPath $shell }
  exit 0
}

# Keys and former contents of files: for the system and administrators alone.
New-Item -ItemType Directory -Force -Path $AgentHome | Out-Null
& icacls.exe $AgentHome /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
if ($LASTEXITCODE -ne 0) { throw "vigo: the rights of $AgentHome could not be set ($LASTEXITCODE)" }

$source = @'
using System;
using System.Diagnostics;
using System.IO;
using System.ServiceProcess;

public sealed class VigoAgent : ServiceBase
{
    readonly string program;
    readonly string home;
    Process agent;
    volatile bool isStopping;

    VigoAgent(string program, string home)
    {
        ServiceName = "VigoAgent";
        CanShutdown = true;
        this.program = program;
        this.home = home;
    }

    public static int Main(string[] args)
    {
        if (args.Length != 2) return 2;
        ServiceBase.Run(new VigoAgent(args[0], args[1]));
        return 0;
    }

    protected override void OnStart(string[] args)
    {
        ProcessStartInfo start = new ProcessStartInfo(program, "agent daemon --home \"" + home + "\"");
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.RedirectStandardError = true;
        start.EnvironmentVariables.Remove("BUN_OPTIONS");
        start.EnvironmentVariables.Remove("BUN_BE_BUN");
        start.EnvironmentVariables.Remove("NODE_OPTIONS");
        agent = new Process();
        agent.StartInfo = start;
        agent.EnableRaisingEvents = true;
        agent.Exited += Ended;
        agent.ErrorDataReceived += Said;
        agent.Start();
        agent.BeginErrorReadLine();
    }

    // Ten megabytes, and ten more of what was before.
    void Said(object sender, DataReceivedEventArgs e)
    {
        if (e.Data == null) return;
        string log = Path.Combine(home, "agent.log");
        FileInfo now = new FileInfo(log);
        if (now.Exists && now.Length > 10485760)
        {
            File.Delete(log + ".1");
            now.MoveTo(log + ".1");
        }
        File.AppendAllText(log, e.Data + Environment.NewLine);
    }

    // An end that nobody asked for is a failure, which the service manager answers with a new start.
    void Ended(object sender, EventArgs e)
    {
        if (!isStopping) Environment.Exit(1);
    }

    protected override void OnStop()
    {
        isStopping = true;
        if (agent == null || agent.HasExited) return;
        agent.Kill();
        agent.WaitForExit(10000);
    }

    protected override void OnShutdown()
    {
        OnStop();
    }
}
'@
if (Test-Path -LiteralPath $shell) { Remove-Item -Force -LiteralPath $shell }
Add-Type -TypeDefinition $source -ReferencedAssemblies 'System.ServiceProcess' -OutputAssembly $shell -OutputType ConsoleApplication

New-Service -Name $name -BinaryPathName "`"$shell`" `"$Program`" `"$AgentHome`"" -StartupType Automatic `
  -DisplayName 'Vigo agent' -Description 'Keeps this machine in its declared state.' | Out-Null
& sc.exe failure $name reset= 86400 actions= restart/5000/restart/5000/restart/5000 | Out-Null
if ($LASTEXITCODE -ne 0) { throw "vigo: what follows a failure of $name could not be set ($LASTEXITCODE)" }
if (-not $NoStart) { Start-Service -Name $name }
