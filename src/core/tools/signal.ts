/**
 * Processes of this machine found by name, and ended: with a signal, and after a while without mercy. Must not know why. Those in
 * containers are theirs, not this machine's; the agent and what it runs under are never meant.
 */
import { basename } from "node:path/posix";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";
import { gone, type Process, processes } from "./processes.ts";
import { unlessDenied } from "./refusal.ts";

/** By its whole name, or by its command line. */
export type Wanted = { readonly name: string } | { readonly pattern: RegExp };

/** The oldest first. */
export async function matching(host: ReadHost, wanted: Wanted): Promise<readonly Process[]> {
  const own = await ownProcesses(host);
  const found: Process[] = [];
  for (const process of await processes(host)) {
    if (process.state === "Z" || own.has(process.pid)) continue;
    if ((await isMeant(host, process, wanted)) && (await isHere(host, process.pid)))
      found.push(process);
  }
  return found.sort((a, b) => a.startedAt - b.startedAt || a.pid - b.pid);
}

/** The kernel keeps 15 bytes of a name; for longer ones the command line has the rest. */
async function isMeant(host: ReadHost, { pid, comm }: Process, wanted: Wanted): Promise<boolean> {
  if ("name" in wanted && comm !== wanted.name.slice(0, 15)) return false;
  if ("name" in wanted && wanted.name.length <= 15) return true;
  const args = ((await gone(fileText(host, `/proc/${pid}/cmdline`))) ?? "")
    .replace(/\0$/, "")
    .split("\0");
  if ("pattern" in wanted) return wanted.pattern.test(args.join(" "));
  return args.slice(0, 2).some((word) => basename(word) === wanted.name);
}

async function isHere(host: ReadHost, pid: number): Promise<boolean> {
  const space = async (of: number | "self") =>
    (await unlessDenied(gone(host.stat(`/proc/${of}/ns/pid`))))?.target;
  return (await space(pid)) === (await space("self"));
}

async function ownProcesses(host: ReadHost): Promise<ReadonlySet<number>> {
  const own = new Set<number>();
  let next: string | undefined = "self";
  while (next !== undefined && next !== "0") {
    const stat: string = (await gone(fileText(host, `/proc/${next}/stat`))) ?? "";
    const [, pid, parent] = /^(\d+) .*\) \S+ (\d+) /s.exec(stat) ?? [];
    if (pid === undefined) break;
    own.add(Number(pid));
    next = parent;
  }
  return own;
}

/** `$1` the signal, `$2` tenths of a second, then the processes. Ends as soon as all of them have ended. */
const script = `
signal=$1 left=$2; shift 2
kill -s "$signal" "$@" 2>/dev/null
while :; do
  alive=
  for pid; do
    read -r line 2>/dev/null <"/proc/$pid/stat" || continue
    case $line in *") Z "*) ;; *) alive="$alive $pid" ;; esac
  done
  [ -n "$alive" ] || exit 0
  [ "$left" -gt 0 ] || break
  left=$((left - 1)); sleep 0.1
done
kill -s KILL $alive 2>/dev/null
sleep 0.1
`;

export async function end(
  host: Host,
  pids: readonly number[],
  { signal, timeoutMs }: { readonly signal: string; readonly timeoutMs: number },
): Promise<void> {
  if (pids.length === 0) return;
  const words = [signal, `${Math.ceil(timeoutMs / 100)}`, ...pids.map(String)];
  const running = host.run({
    argv: ["sh", "-c", script, "end", ...words],
    timeoutMs: timeoutMs + 60_000,
  });
  await mustSucceed(`kill ${words.slice(2).join(" ")}`, running);
}
