/**
 * A machine that tests run things on, whatever it is: a host of the lab, or a virtual machine with a kernel of its own. Must not
 * know how it is started, nor how commands get there.
 */

export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After it the command is given up and `run` rejects (d: a minute or two, ten in the long forms). */
  readonly timeoutMs?: number;
}

/** They take hours, on machines that have other things to do, and may be halted meanwhile. */
export const takesLong =
  process.env["VIGO_TEST_ALL"] === "1" || process.env["VIGO_KILLS"] !== undefined;

/** What every command finds around it. */
export const cleanEnv = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
};

export abstract class Machine {
  abstract readonly name: string;
  /** What it is, as the manual says where a type was proven. */
  abstract readonly kind: string;

  /** Runs a command. Any exit code is an answer. */
  abstract run(argv: readonly string[], options?: RunOptions): Promise<Told>;

  /** What it prints; rejects with what it said when it fails. */
  async ok(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv, options);
    if (code === 0) return stdout;
    throw new Error(`${this.name}: ${argv.join(" ")}: exit ${code}\n${stderr}${stdout}`);
  }

  /** The same for a shell text. */
  sh(text: string, options: RunOptions = {}): Promise<string> {
    return this.ok(["sh", "-eu", "-c", text], options);
  }

  /** Makes a file and the folders above it. */
  async put(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const argv = ["install", "-D", "-m", mode.toString(8), "/dev/stdin", path];
    await this.ok(argv, { stdin: content });
  }

  /** Text of a file; undefined where there is none. */
  async get(path: string): Promise<string | undefined> {
    const { code, stdout, stderr } = await this.run(["cat", "--", path]);
    if (code === 0) return stdout;
    if (stderr.includes("No such file")) return undefined;
    throw new Error(`${this.name}: ${stderr}`);
  }

  async exists(path: string): Promise<boolean> {
    return (await this.run(["test", "-e", path])).code === 0;
  }
}
