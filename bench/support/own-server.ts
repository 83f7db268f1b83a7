/** A server of a bench's own in a temporary folder, with a policy, on free ports of this host. Must not know what is measured. */
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface OwnServer {
  readonly home: string;
  /** The file of its log, JSON lines. */
  readonly log: string;
  /** Where its HTTPS listens, on 127.0.0.1. */
  readonly api: number;
  readonly pid: number;
  /** From its start to the ports it tells. */
  readonly readyMs: number;
  /** An enrolment token that is good for so many machines. */
  token(uses: number): Promise<string>;
  stop(): Promise<void>;
}

/** `vigo` is the program; `more` are lines of `server.yaml` beside the addresses. */
export async function ownServer(
  vigo: string,
  home: string,
  stacks: string,
  more = "",
): Promise<OwnServer> {
  await must([vigo, "server", "init", "--home", home]);
  const addresses = 'server: {grpc_listen: "127.0.0.1:0", api_listen: "127.0.0.1:0"}\n';
  await writeFile(join(home, "server.yaml"), addresses + more);
  await rm(join(home, "stacks"), { recursive: true, force: true });
  await cp(stacks, join(home, "stacks"), { recursive: true });
  await must([vigo, "cli", "publish", "--home", home]);
  const started = performance.now();
  const server = Bun.spawn([vigo, "server", "run", "--home", home], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: Bun.file(`${home}.log`),
  });
  const api = await ready(home);
  return {
    home,
    log: `${home}.log`,
    api,
    pid: server.pid,
    readyMs: performance.now() - started,
    token: async (uses) => {
      const words = ["cli", "tokens", "create", "--home", home, "--uses", String(uses), "--json"];
      return (JSON.parse(await must([vigo, ...words])) as { readonly token: string }).token;
    },
    stop: async () => {
      server.kill("SIGTERM");
      await server.exited;
    },
  };
}

export async function must(argv: readonly string[]): Promise<string> {
  const child = Bun.spawn([...argv], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${argv.join(" ")}\n${out}${err}`);
  return out;
}

async function ready(home: string): Promise<number> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const text = await readFile(join(home, "run", "ports.json"), "utf8").catch(absent);
    if (text !== undefined) {
      const { api } = JSON.parse(text) as { readonly api: number };
      const answer = await fetch(`https://localhost:${api}/healthz`, {
        tls: { rejectUnauthorized: false },
      }).catch(() => undefined);
      if (answer?.ok === true) return api;
    }
    await Bun.sleep(10);
  }
  throw new Error(`the server in ${home} was not ready within 20 s`);
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === "ENOENT") return undefined;
  throw error;
};
