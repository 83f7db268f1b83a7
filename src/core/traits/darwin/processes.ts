/** What runs on macOS: `processes`, `ports`, `listeners`, `agent_self`, `host_self`; from ps(1), lsof(8) and sysctl(8). Must not know what for. */
import type { ReadHost } from "../../host.ts";
import { kernelOf } from "../../tools/mac-kernel.ts";
import { macProcesses, secondsIn } from "../../tools/mac-processes.ts";
import { type MacSocket, macSockets } from "../../tools/mac-sockets.ts";
import { type Asking, printed } from "../../tools/once.ts";
import { percent, usedPercent } from "../../tools/percent.ts";
import { portsOf } from "../../tools/port-list.ts";
import { topByCpu, topByMemory } from "../../tools/top-processes.ts";

export async function processes(host: ReadHost, asking: Asking) {
  const found = await macProcesses(host, asking);
  return {
    count: found.length,
    zombies: found.filter(({ zombie }) => zombie).length,
    top_cpu: topByCpu(found),
    top_rss: topByMemory(found),
  };
}

export async function ports(host: ReadHost, asking: Asking) {
  const sockets = await macSockets(host, asking);
  return { listening: portsOf(sockets, "tcp"), udp: portsOf(sockets, "udp") };
}

const most = 1_000;

export async function listeners(host: ReadHost, asking: Asking) {
  const [sockets, running] = await Promise.all([
    macSockets(host, asking),
    macProcesses(host, asking),
  ]);
  const paths = new Map(running.map(({ pid, path }) => [pid, path]));
  const told = ({ port, family, protocol, address, pid, comm }: MacSocket) => ({
    port,
    family,
    protocol,
    bind_address: address,
    pid,
    comm,
    exe: paths.get(pid) ?? "",
  });
  return { sockets: sockets.slice(0, most).map(told) };
}

/** Its parent is the agent. */
const ownUse = ["sh", "-c", "exec ps -o rss= -o etime= -o time= -p $PPID"];

export async function agentSelf(host: ReadHost, asking: Asking) {
  if (host.agent === undefined) return undefined;
  const { version, runDurationMs = 0 } = host.agent;
  const [use, open = []] = await Promise.all([printed(host, asking, ownUse), host.list("/dev/fd")]);
  const [rss = "0", age = "0", cpu = "0"] = use.trim().split(/\s+/);
  return {
    version,
    rss_bytes: Number(rss) * 1024,
    cpu_seconds: secondsIn(cpu),
    open_fds: open.length,
    uptime_seconds: Math.floor(secondsIn(age)),
    run_duration_ms: Math.round(runDurationMs),
  };
}

/** macOS makes room by itself (jetsam) and counts it nowhere. */
export async function hostSelf(host: ReadHost, asking: Asking) {
  const [kernel, running, root] = await Promise.all([
    kernelOf(host, asking),
    macProcesses(host, asking),
    host.statfs("/"),
  ]);
  return {
    fd_used_pct: percent(Number(kernel("kern.num_files")), Number(kernel("kern.maxfiles"))),
    proc_count: running.length,
    oom_recent: false,
    oom_kills: 0,
    oom_at: "",
    fs_root_pct: root === undefined ? 0 : usedPercent(root),
  };
}
