/** A server and one enrolled, converged agent in temporary folders, for benches that need a cached bundle. */
import { join } from "node:path";
import { must, ownServer } from "./own-server.ts";

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
  const agentHome = join(room, "agent");
  const server = await ownServer(vigo, join(room, "server"), stacks);
  const { home: serverHome, readyMs, pid: serverPid, stop } = server;
  const token = await server.token(1);
  const enrol = ["--server", `localhost:${server.api}`, "--token", token, "--home", agentHome];
  await must([vigo, "agent", "bootstrap", ...enrol, "--no-service"]);
  await must([vigo, "agent", "run", "--home", agentHome]);
  return { serverHome, agentHome, readyMs, serverPid, stop };
}
