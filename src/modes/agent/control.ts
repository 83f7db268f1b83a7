/**
 * How a command reaches the daemon of the same home: a Unix socket only its user may open, one JSON line as the question, JSON
 * lines as the answer. Must not know what is asked for.
 */
import { chmodSync, existsSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import type { ResourceReport, RunReport } from "../../core/converge/report.ts";
import { asVigoError, type Failure, failures, VigoError } from "../../core/errors.ts";
import { errno } from "../../core/publish/errno.ts";
import { jsonIn } from "../../core/text/json-in.ts";

export interface Question {
  readonly dry_run: boolean;
  readonly offline: boolean;
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** By hand: whoever asks pays for the start of a schema's library, and the daemon needs it for nothing else. */
function questionIn(text: string): Question {
  const asked = jsonIn(text) as Partial<Record<keyof Question, unknown>> | null | undefined;
  const { dry_run, offline, only, skip, ...more } = asked ?? {};
  const known = typeof dry_run === "boolean" && typeof offline === "boolean";
  if (known && isTexts(only) && isTexts(skip) && Object.keys(more).length === 0)
    return { dry_run, offline, only, skip };
  throw new VigoError("invalid", "the daemon does not understand the question", {
    hint: "the daemon is of another version: restart it",
  });
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

interface Told {
  readonly failure: Failure;
  readonly message: string;
  readonly hint?: string | undefined;
}

type Line =
  | { readonly resource: ResourceReport }
  /** The run goes on all the same. */
  | { readonly trouble: Told }
  | { readonly report: RunReport }
  | { readonly error: Told };

export type Answerer = (
  question: Question,
  onResource: (report: ResourceReport) => void,
  onTrouble: (trouble: VigoError) => void,
) => Promise<RunReport>;

export interface Control {
  close(): Promise<void>;
}

const longestQuestion = 64 * 1024;

/** The run lock is held, so a socket that is there belongs to nobody. */
export async function serveControl(path: string, answer: Answerer): Promise<Control> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const { createServer } = await import("node:net");
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Who asked may go away before the answer: the run goes on.
    socket.on("error", () => socket.destroy());
    void reply(socket, answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.end();
        server.close(() => resolve());
        rmSync(path, { force: true });
      }),
  };
}

async function reply(socket: Socket, answer: Answerer): Promise<void> {
  const say = (line: Line) => {
    if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
  };
  try {
    const asked = questionIn(await firstLine(socket));
    const report = await answer(
      asked,
      (resource) => say({ resource }),
      (trouble) => say({ trouble: told(trouble) }),
    );
    say({ report });
  } catch (error) {
    say({ error: told(asVigoError(error)) });
  }
  socket.end();
}

const told = ({ failure, message, hint }: VigoError): Told => ({
  failure,
  message,
  ...(hint !== undefined && { hint }),
});

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end !== -1) resolve(text.slice(0, end));
      else if (text.length > longestQuestion)
        reject(new VigoError("invalid", "the question is too long"));
    });
    socket.on("end", () => reject(new VigoError("invalid", "no question was asked")));
  });
}

/** Undefined: no daemon listens there. */
export async function askDaemon(
  path: string,
  asked: Question,
  onResource?: (report: ResourceReport) => void,
  onTrouble?: (trouble: VigoError) => void,
): Promise<RunReport | undefined> {
  // Most often none runs, and the way to one costs more than a look.
  const socket = existsSync(path) ? await connect(path) : undefined;
  if (socket === undefined) return undefined;
  socket.write(`${JSON.stringify(asked)}\n`);
  for await (const text of linesOf(socket)) {
    const line = jsonIn(text) as Line | undefined;
    // It was killed while it wrote this.
    if (line === undefined) break;
    if ("resource" in line) onResource?.(line.resource);
    else if ("trouble" in line) onTrouble?.(fromDaemon(line.trouble));
    else if ("report" in line) return line.report;
    else throw fromDaemon(line.error);
  }
  throw new VigoError("unavailable", "the daemon ended before the run did", {
    hint: "it goes on with the next start; the log says why it ended",
  });
}

/** Until it ends, or is gone. */
async function* linesOf(socket: Socket): AsyncIterable<string> {
  const { createInterface } = await import("node:readline");
  try {
    yield* createInterface({ input: socket });
  } catch (error) {
    if (!["ECONNRESET", "EPIPE"].includes(errno(error) ?? "")) throw error;
  }
}

function fromDaemon({ failure, message, hint }: Told): VigoError {
  const known: Failure = failure in failures ? failure : "internal";
  return new VigoError(known === "internal" ? "failed" : known, message, { hint });
}

async function connect(path: string): Promise<Socket | undefined> {
  const { createConnection } = await import("node:net");
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error) => {
      const code = errno(error);
      if (code === "ENOENT" || code === "ECONNREFUSED") resolve(undefined);
      else reject(error);
    });
  });
}
