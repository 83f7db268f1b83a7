/**
 * What a no-change check-in costs the server (mutual TLS, signature verified), beside the least that could be called gRPC
 * with a verified signature, both in processes of their own and in turn. 32 in flight over 32 connections, then over many (d:
 * 2,000), of which the memory is measured too. Usage: bun bench/checkin.ts [CONNECTIONS] [ROUNDS]
 */
import { fileURLToPath } from "node:url";
import { BenchClient } from "./support/checkin-client.ts";
import type { Start, Usage } from "./support/checkin-server.ts";
import { type BenchWorld, benchWorld } from "./support/checkin-world.ts";
import { table } from "./support/table.ts";

const many = Number(process.argv[2] ?? 2000);
const rounds = Number(process.argv[3] ?? 7);
const inFlight = 32;
const callsARound = 4_000;

class Server {
  readonly #child: ReturnType<typeof Bun.spawn>;
  #heard: (message: unknown) => void = () => {};
  #died: (error: Error) => void = () => {};
  port = 0;
  clients: BenchClient[] = [];

  private constructor() {
    const script = fileURLToPath(new URL("support/checkin-server.ts", import.meta.url));
    this.#child = Bun.spawn([process.execPath, script], {
      ipc: (message) => this.#heard(message),
      onExit: (_, code) => this.#died(new Error(`the server ended with exit code ${code}`)),
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    });
  }

  static async start(be: Start["be"], world: BenchWorld): Promise<Server> {
    const server = new Server();
    server.port = await server.ask<number>({ be, world });
    return server;
  }

  ask<A>(message: unknown): Promise<A> {
    return new Promise((resolve, reject) => {
      this.#heard = (answer) => resolve(answer as A);
      this.#died = reject;
      this.#child.send(message);
    });
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    this.#child.disconnect();
    await this.#child.exited;
  }
}

/** Spread over all connections, never more than 32 under way. */
async function calls(server: Server, count: number): Promise<void> {
  let left = count;
  const lane = async (first: number) => {
    for (let at = first; left-- > 0; at += inFlight)
      await server.clients[at % server.clients.length]?.checkIn();
  };
  await Promise.all(Array.from({ length: inFlight }, (_, first) => lane(first)));
}

/** Microseconds of server CPU a call; medians of rounds made in turn. */
async function cpu(servers: readonly Server[]): Promise<readonly number[]> {
  for (const server of servers) await calls(server, 2 * callsARound);
  const figures = servers.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, server] of servers.entries()) {
      const before = await server.ask<Usage>("cpu");
      await calls(server, callsARound);
      const after = await server.ask<Usage>("cpu");
      figures[at]?.push((after.cpuMicros - before.cpuMicros) / callsARound);
    }
  return figures.map(median);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const world = await benchWorld(many);
async function join(server: Server, upTo: number): Promise<void> {
  while (server.clients.length < upTo) {
    const next = world.envoys.slice(
      server.clients.length,
      Math.min(server.clients.length + 50, upTo),
    );
    const clients = await Promise.all(
      next.map((envoy) => BenchClient.connect(server.port, world, envoy)),
    );
    for (const client of clients) await client.checkIn();
    server.clients.push(...clients);
  }
}

const [vigo, echo] = [await Server.start("vigo", world), await Server.start("echo", world)];
const servers = [vigo, echo];
try {
  for (const server of servers) await join(server, inFlight);
  const few = await cpu(servers);
  const before = await Promise.all(servers.map((server) => server.ask<Usage>("usage")));
  for (const server of servers) await join(server, many);
  const joined = await Promise.all(servers.map((server) => server.ask<Usage>("usage")));
  const crowd = await cpu(servers);
  const after = await Promise.all(servers.map((server) => server.ask<Usage>("usage")));
  const each = (usages: readonly Usage[]) =>
    usages.map(
      (usage, at) => (usage.anonymous - (before[at]?.anonymous ?? 0)) / (many - inFlight) / 1024,
    );
  const row = (name: string, [ours = 0, bare = 0]: readonly number[]) => [
    name,
    ours,
    bare,
    ours / bare,
  ];
  process.stdout.write(
    `no-change check-in, ${inFlight} in flight, medians of ${rounds} rounds of ${callsARound} calls\n\n${table(
      ["server", "vigo", "bare echo + verify", "ratio"],
      [
        row(`CPU µs a call, ${inFlight} connections`, few),
        row(`CPU µs a call, ${many} connections`, crowd),
        row("KiB an idle connection, connected", each(joined)),
        row("KiB an idle connection, after calls", each(after)),
      ],
    )}\n`,
  );
} finally {
  for (const server of servers) await server.stop();
}
