/** A server of an executable, in a home and on ports of its own, from "ready" to stopped. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "./program.ts";

export interface RunningServer {
  readonly program: string;
  readonly home: string;
  /** Its HTTPS port on localhost. */
  readonly api: number;
  /** Again is nothing. */
  stop(): Promise<void>;
}

export async function startServer(program: string, home: string): Promise<RunningServer> {
  const plain = { argv: [program], cwd: "/" };
  await must(plain, ["server", "init", "--home", home]);
  const listen = 'server: { grpc_listen: "127.0.0.1:0", api_listen: "127.0.0.1:0" }\n';
  await writeFile(join(home, "server.yaml"), listen);
  const child = Bun.spawn([program, "server", "run", "--home", home], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await child.exited;
  };
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const ports = await readFile(join(home, "run", "ports.json"), "utf8").catch(absent);
    if (ports !== undefined) {
      const { api } = JSON.parse(ports) as { readonly api: number };
      return { program, home, api, stop };
    }
    await Bun.sleep(20);
  }
  await stop();
  const said = await new Response(child.stderr).text();
  throw new Error(`the server in ${home} was not ready: ${said}`);
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === "ENOENT") return undefined;
  throw error;
};
