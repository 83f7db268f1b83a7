/** A server and one enrolled, converged agent in temporary folders, for benches that need a cached bundle. */
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface FleetOfOne {
  readonly serverHome: string;
  readonly agentHome: string;
  /** From its start to the answer of `/healthz`. */
  readonly readyMs: number;
  readonly serverPid: number;
  stop(): Promise<void>;
}

/** Publishes `stacks`, enrols, and runs the agent once. */
export async function fleetOfOne(vigo: string, room: string, stacks: string): Promise<FleetOfOne> {
  const serverHome = join(room, "server");
  const agentHome = join(room, "agent");
  await must([vigo, "server", "init", "--home", serverHome]);
  await writeFile(
    join(serverHome, "server.yaml"),
    'server: {grpc_listen: "127.0.0.1:0", api_listen: "127.0.0.1:0"}\n',
  );
  await rm(join(serverHome, "stacks"), { recursive: true, force: true });
  await cp(stacks, join(serverHome, "stacks"), { recursive: true });
  await must([vigo, "cli", "publish", "--home", serverHome]);
  const started = performance.now();
  const server = Bun.spawn([vigo, "server", "run", "--home", serverHome], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: Bun.file(join(room, "server.log")),
  });
  const api = await ready(serverHome);
  const readyMs = performance.now() - started;
  const { token } = JSON.parse(
    await must([vigo, "cli", "tokens", "create", "--home", serverHome, "--json"]),
  ) as { readonly token: string };
  const enrol = ["--server", `localhost:${api}`, "--token", token, "--home", agentHome];
  await must([vigo, "agent", "bootstrap", ...enrol, "--no-service"]);
  await must([vigo, "agent", "run", "--home", agentHome]);
  const stop = async () => {
    server.kill("SIGTERM");
    await server.exited;
  };
  return { serverHome, agentHome, readyMs, serverPid: server.pid, stop };
}

async function must(argv: readonly string[]): Promise<string> {
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
