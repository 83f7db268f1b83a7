/** Running processes of macOS by ps(1), asked once for all traits. Must not know why anybody asks. */
import type { ReadHost } from "../host.ts";
import { type Asking, printed } from "./once.ts";

export interface MacProcess {
  readonly pid: number;
  /** Path of its program, as far as ps knows it. */
  readonly path: string;
  readonly name: string;
  readonly zombie: boolean;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  readonly ageSeconds: number;
}

/** Each column by itself: behind a `=` all that follows is its heading. Without -ww a line ends after 79 characters. */
const columns = ["pid=", "state=", "rss=", "etime=", "time=", "comm="];
const argv = ["ps", "-axww", ...columns.flatMap((column) => ["-o", column])];

export const macProcesses = async (
  host: ReadHost,
  asking: Asking,
): Promise<readonly MacProcess[]> => parsePs(await printed(host, asking, argv));

/** Memory is in KiB; a path may hold blanks, and stands last. */
export const parsePs = (text: string): readonly MacProcess[] =>
  [...text.matchAll(/^ *(\d+) +(\S+) +(\d+) +(\S+) +(\S+) +(.+)$/gm)].map(
    ([, pid, state = "", rss, age = "", cpu = "", comm = ""]) => ({
      pid: Number(pid),
      path: comm.startsWith("/") ? comm : "",
      name: comm.slice(comm.lastIndexOf("/") + 1),
      zombie: state.startsWith("Z"),
      rssBytes: Number(rss) * 1024,
      cpuSeconds: secondsIn(cpu),
      ageSeconds: secondsIn(age),
    }),
  );

/** `01-02:03:04`, `02:03:04`, `123:45.67`, `0:00`. */
export function secondsIn(clock: string): number {
  const [, days = "0", rest = clock] = /^(\d+)-(.*)$/.exec(clock) ?? [];
  const sum = rest.split(":").reduce((total, part) => total * 60 + Number(part), 0);
  return Number(days) * 86_400 + sum;
}
