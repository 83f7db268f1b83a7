/** Where a command prints. Must not know what is printed. */

export interface Screen {
  /** Results, with a newline after each. */
  out(text: string): void;
  /** Messages and progress, with a newline after each. */
  err(text: string): void;
  /** Is a person watching the results? Then colour is allowed too, unless NO_COLOR is set. */
  readonly colour: boolean;
  /** Is a person watching the messages? Then a line of progress may be written and taken back. */
  readonly watched: boolean;
}

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on?(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** The screen of a process; pass `process`. */
export function screenOf(process: {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Screen {
  const { env } = process;
  const stdout = opened(() => process.stdout);
  const stderr = opened(() => process.stderr);
  const dumb = env["TERM"] === "dumb";
  const plain = dumb || (env["NO_COLOR"] ?? "") !== "";
  return {
    out: (text) => void stdout().write(`${text}\n`),
    err: (text) => void stderr().write(`${text}\n`),
    get colour() {
      return stdout().isTTY === true && !plain;
    },
    get watched() {
      return stderr().isTTY === true && !dumb;
    },
  };
}

/** Made when first looked at: a stream of a process takes milliseconds, and most commands write to one of them. */
function opened(make: () => Stream): () => Stream {
  let stream: Stream | undefined;
  return () => {
    if (stream !== undefined) return stream;
    stream = make();
    stream.on?.("error", unlessGone);
    return stream;
  };
}

/** Who reads may stop when it has seen enough, like `head`; what is done goes on. */
function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
