/**
 * The scripts that take the agent off a machine without its help, also when its program is broken or gone: afterwards it can be
 * bootstrapped anew. They do nothing that `vigo agent uninstall --purge` would not. Must not know files.
 */

export const resetScript = `#!/bin/sh
# Takes the Vigo agent off this machine: its service, its identity and all it has kept. What it has made of the machine stays, and so
# does its program. VIGO_HOME names another place for its files than /var/lib/vigo-envoy.
set -eu

fail() {
  echo "vigo: $1" >&2
  exit 1
}

main() {
  [ "$(id -u)" = 0 ] || fail "this takes root"
  home=\${VIGO_HOME:-/var/lib/vigo-envoy}
  case "$home" in
    /*) ;;
    *) fail "VIGO_HOME is a path from the root on, not $home" ;;
  esac
  # Nothing is removed that an agent has not made.
  if [ -e "$home" ] && [ ! -d "$home/identity" ] && [ ! -f "$home/deferred.json" ]; then
    fail "$home is no home of an agent: nothing was removed"
  fi
  unit=/etc/systemd/system/vigo-agent.service
  list=/Library/LaunchDaemons/org.vigo.agent.plist
  if [ -f "$unit" ]; then
    systemctl disable --now vigo-agent.service
    rm -f "$unit"
    systemctl daemon-reload
    echo "vigo-agent.service is removed"
  fi
  if [ -f "$list" ]; then
    launchctl bootout system/org.vigo.agent || true
    rm -f "$list"
    echo "org.vigo.agent is removed"
  fi
  if [ -e "$home" ]; then
    rm -rf -- "$home"
    echo "$home is removed"
  fi
  echo "this machine has no identity any more; on the server: vigo cli envoys revoke $(uname -n)"
}

main "$@"
`;

export const windowsResetScript = `# Takes the Vigo agent off this machine: its service, its identity and all it has kept. What it has made of the machine stays, and so
# does its program. VIGO_HOME names another place for its files than C:\\ProgramData\\Vigo.
$reset = {
  $ErrorActionPreference = 'Stop'
  $agentHome = if ($env:VIGO_HOME) { $env:VIGO_HOME } else { Join-Path $env:ProgramData 'Vigo' }
  $isHome = (Test-Path (Join-Path $agentHome 'identity')) -or (Test-Path (Join-Path $agentHome 'deferred.json'))
  # Nothing is removed that an agent has not made.
  if ((Test-Path $agentHome) -and -not $isHome) { throw "vigo: $agentHome is no home of an agent: nothing was removed" }
  if (Get-Service -Name VigoAgent -ErrorAction SilentlyContinue) {
    Stop-Service -Name VigoAgent -Force
    & sc.exe delete VigoAgent | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "vigo: the service VigoAgent could not be removed ($LASTEXITCODE)" }
  }
  if (Test-Path $agentHome) { Remove-Item -Recurse -Force -LiteralPath $agentHome }
  Write-Output "this machine has no identity any more; on the server: vigo cli envoys revoke $env:COMPUTERNAME"
}
& $reset
`;
