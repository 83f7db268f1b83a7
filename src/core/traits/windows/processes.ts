/** What runs on Windows: `processes`, `ports`, `listeners`, `services`, `agent_self`, `host_self`. Must not know what for. */
import type { ReadHost } from "../../host.ts";
import { countOf, flagOf, numberOf, textOf } from "../../tools/answer.ts";
import type { Asking } from "../../tools/once.ts";
import { percent } from "../../tools/percent.ts";
import { portsOf } from "../../tools/port-list.ts";
import { topByCpu, topByMemory } from "../../tools/top-processes.ts";
import { factsOf } from "../../tools/windows-facts.ts";

/** 0 is what is left when nothing runs. */
async function running(host: ReadHost, asking: Asking) {
  const told = (await factsOf(host, asking, "now"))("processes");
  return told
    .filter((process) => countOf(process, "ProcessId") !== 0)
    .map((process) => ({
      pid: countOf(process, "ProcessId"),
      parent: countOf(process, "ParentProcessId"),
      name: textOf(process, "Name"),
      path: textOf(process, "ExecutablePath"),
      rssBytes: countOf(process, "WorkingSetSize"),
      handles: countOf(process, "HandleCount"),
      cpuSeconds: numberOf(process, "Cpu"),
      ageSeconds: numberOf(process, "Age"),
      asks: flagOf(process, "Asks") === true,
    }));
}

export async function processes(host: ReadHost, asking: Asking) {
  const found = await running(host, asking);
  return {
    count: found.length,
    zombies: 0,
    top_cpu: topByCpu(found),
    top_rss: topByMemory(found),
  };
}

async function sockets(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "now");
  const of = (protocol: "tcp" | "udp") =>
    told(protocol).map((socket) => {
      const address = textOf(socket, "LocalAddress").replace(/%.*/, "");
      return {
        protocol,
        family: address.includes(":") ? ("ipv6" as const) : ("ipv4" as const),
        address,
        port: Math.min(65_535, countOf(socket, "LocalPort")),
        pid: countOf(socket, "OwningProcess"),
      };
    });
  return [...of("tcp"), ...of("udp")];
}

export async function ports(host: ReadHost, asking: Asking) {
  const found = await sockets(host, asking);
  return { listening: portsOf(found, "tcp"), udp: portsOf(found, "udp") };
}

const most = 1_000;

export async function listeners(host: ReadHost, asking: Asking) {
  const [found, programs] = await Promise.all([sockets(host, asking), running(host, asking)]);
  const byPid = new Map(programs.map((program) => [program.pid, program]));
  const told = found.map(({ port, family, protocol, address, pid }) => ({
    port,
    family,
    protocol,
    bind_address: address,
    pid,
    comm: byPid.get(pid)?.name ?? "",
    exe: byPid.get(pid)?.path ?? "",
  }));
  const byPort = (a: (typeof told)[number], b: (typeof told)[number]) =>
    a.port - b.port ||
    a.protocol.localeCompare(b.protocol) ||
    a.family.localeCompare(b.family) ||
    a.bind_address.localeCompare(b.bind_address);
  return { sockets: told.sort(byPort).slice(0, most) };
}

const mostServices = 2_000;
/** ERROR_SERVICE_NEVER_STARTED. */
const neverStarted = 1077;

export async function services(host: ReadHost, asking: Asking) {
  const told = (await factsOf(host, asking, "now"))("services");
  const named = (wanted: (service: unknown) => boolean) =>
    [...new Set(told.filter(wanted).map((service) => textOf(service, "Name")))]
      .sort()
      .slice(0, mostServices);
  return {
    running: named((service) => textOf(service, "State") === "Running"),
    failed: named((service) => {
      const code = numberOf(service, "ExitCode");
      return textOf(service, "State") === "Stopped" && code !== 0 && code !== neverStarted;
    }),
    enabled: named((service) => ["Auto", "Boot", "System"].includes(textOf(service, "StartMode"))),
  };
}

/** The agent is who started the PowerShell that answers. Handles are what Windows has in place of open files. */
export async function agentSelf(host: ReadHost, asking: Asking) {
  if (host.agent === undefined) return undefined;
  const { version, runDurationMs = 0 } = host.agent;
  const found = await running(host, asking);
  const parent = found.find(({ asks }) => asks)?.parent;
  const own = found.find(({ pid }) => pid === parent);
  return {
    version,
    rss_bytes: own?.rssBytes ?? 0,
    cpu_seconds: own?.cpuSeconds ?? 0,
    open_fds: own?.handles ?? 0,
    uptime_seconds: Math.floor(own?.ageSeconds ?? 0),
    run_duration_ms: Math.round(runDurationMs),
  };
}

export async function hostSelf(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "now");
  const root = told("volumes").find((volume) => flagOf(volume, "System") === true);
  const size = countOf(root, "Capacity");
  return {
    fd_used_pct: 0,
    proc_count: (await running(host, asking)).length,
    oom_recent: false,
    oom_kills: 0,
    oom_at: "",
    fs_root_pct: percent(size - countOf(root, "FreeSpace"), size),
  };
}
