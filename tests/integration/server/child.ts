/** A server as a process of its own, to be stopped, killed and misled. */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Home, homeAt } from "../../../src/modes/server/home.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { asDescribed } from "../../support/openapi.ts";
import { overheard } from "../../support/overheard.ts";

const main = join(import.meta.dir, "../../../src/main.ts");
const shiftedClock = join(import.meta.dir, "../../support/shifted-clock.ts");

export interface Child {
  /** Resolves with the ports once it says that it is ready; rejects with its log when it ends before. */
  readonly ready: Promise<{ readonly grpc: number; readonly api: number }>;
  readonly exited: Promise<number>;
  log(): string;
  kill(signal: NodeJS.Signals): void;
}

export const startChild = (home: Home, ...words: readonly string[]): Child =>
  started([main, "server", "run", "--home", home.folder, ...words]);

/** One whose clock is off by as many milliseconds as `file` says at any time. */
export const startMisledChild = (home: Home, file: string): Child =>
  started(["--preload", shiftedClock, main, "server", "run", "--home", home.folder], {
    VIGO_TEST_CLOCK: file,
  });

function started(words: readonly string[], more: Readonly<Record<string, string>> = {}): Child {
  const child = Bun.spawn([process.execPath, ...words], {
    env: { ...process.env, ...more },
    stdout: "ignore",
    stderr: "pipe",
  });
  let log = "";
  const ready = Promise.withResolvers<{ grpc: number; api: number }>();
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      const said = decoder.decode(chunk, { stream: true });
      log += said;
      overheard(said);
      const line = log.split("\n").find((one) => one.includes('"event":"server ready"'));
      if (line !== undefined) ready.resolve(JSON.parse(line));
    }
    ready.reject(new Error(`the server ended:\n${log}`));
  };
  const reading = read();
  ready.promise.catch(() => "told to whoever waits for it");
  return {
    ready: ready.promise,
    exited: child.exited.then(async (code) => {
      await reading;
      return code;
    }),
    log: () => log,
    kill: (signal) => child.kill(signal),
  };
}

/** Gives a home of its own to `work`, and takes it away. */
export async function inHome(work: (home: Home) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "vigo-child-"));
  try {
    await work(homeAt(folder, {}));
  } finally {
    await removeRoom(folder);
  }
}

export const freePorts = "server: {grpc_listen: '127.0.0.1:0', api_listen: '127.0.0.1:0'}\n";

/** As the admin of the home. */
export async function callChild(
  home: Home,
  api: number,
  method: string,
  path: string,
  body?: unknown,
) {
  const token = (await readFile(home.localToken, "utf8")).trim();
  const ca = await readFile(join(home.tls, "ca.pem"), "utf8");
  const response = await fetch(`https://localhost:${api}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    tls: { ca },
    keepalive: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await asDescribed(method, `/api/v1${path}`, response);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
