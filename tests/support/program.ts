/** Runs an executable as a stranger's machine would: nothing of ours in its environment, and started elsewhere. */

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  /** Words before the program's own: an emulator, say. */
  readonly argv: readonly string[];
  /** Where it is started. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that hangs is killed after two minutes, and its exit code says so. */
export async function run(program: Program, words: readonly string[]): Promise<Ran> {
  const child = Bun.spawn([...program.argv, ...words], {
    cwd: program.cwd,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...program.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 120_000,
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

/** Its output; a failure is an error that says what was printed. */
export async function must(program: Program, words: readonly string[]): Promise<string> {
  const { code, out, err } = await run(program, words);
  if (code === 0) return out;
  throw new Error(`${[...program.argv, ...words].join(" ")}: exit ${code}\n${out}${err}`);
}
