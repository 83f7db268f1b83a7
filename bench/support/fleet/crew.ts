/** The worker processes together, as one fleet. Must not know what their work means. */
import { fileURLToPath } from "node:url";
import { type Outcome, together } from "./figures.ts";
import type { Work } from "./worker.ts";

export class Crew {
  readonly #workers: readonly Worker[];

  constructor(size: number) {
    this.#workers = Array.from({ length: size }, () => new Worker());
  }

  /** Each gets its part, which `part` makes from its place. */
  async do(part: (at: number, size: number) => Work): Promise<Outcome> {
    const size = this.#workers.length;
    return together(await Promise.all(this.#workers.map((one, at) => one.do(part(at, size)))));
  }

  /** Processor time of all of them since they began, in seconds. Only on Linux. */
  async cpuSeconds(): Promise<number> {
    const all = await Promise.all(this.#workers.map(({ pid }) => cpuSecondsOf(pid)));
    return all.reduce((sum, one) => sum + one, 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((one) => one.stop()));
  }
}

/** utime and stime of proc_pid_stat(5), which Linux counts in hundredths; what stands before them may have blanks in its brackets. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await Bun.file(`/proc/${pid}/stat`).text();
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

class Worker {
  #done: PromiseWithResolvers<Outcome> | undefined;
  readonly #child = Bun.spawn(
    [process.execPath, fileURLToPath(new URL("worker.ts", import.meta.url))],
    {
      ipc: (message) => this.#done?.resolve(message as Outcome),
      onExit: (_, code) => this.#done?.reject(new Error(`a worker ended with exit code ${code}`)),
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    },
  );

  get pid(): number {
    return this.#child.pid;
  }

  do(work: Work): Promise<Outcome> {
    this.#done = Promise.withResolvers<Outcome>();
    this.#child.send(work);
    return this.#done.promise;
  }

  async stop(): Promise<void> {
    this.#child.disconnect();
    await this.#child.exited;
  }
}
