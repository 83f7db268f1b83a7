/** A real server in a temporary home on free ports of this host, and raw callers of it. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyPair, sign, signingKey } from "../../../src/core/pki/keys.ts";
import { type Home, homeAt } from "../../../src/modes/server/home.ts";
import { logTo } from "../../../src/core/log.ts";
import { type Running, runServer } from "../../../src/modes/server/run.ts";
import { certificateRequest } from "../../support/certificate-request.ts";
import { asDescribed } from "../../support/openapi.ts";
import { overheard } from "../../support/overheard.ts";
import { removeRoom } from "../../support/remove-room.ts";

const config = "server: {grpc_listen: '127.0.0.1:0', api_listen: '127.0.0.1:0'}\n";

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface World {
  readonly home: Home;
  readonly log: readonly string[];
  readonly running: () => Running;
  /** As the admin of this host, unless another bearer is given; "" gives none. */
  call(method: string, path: string, body?: unknown, bearer?: string): Promise<Answered>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  token(options?: Record<string, unknown>): Promise<string>;
  enrol(token: string, hostname: string, key?: EnvoyKey): Promise<Answered>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function makeWorld(more = "", vendor?: Uint8Array): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "vigo-server-"));
  const home = homeAt(folder, {});
  await writeFile(home.config, config + more);
  const log: string[] = [];
  const write = (line: string) => {
    log.push(line);
    overheard(line);
  };
  const logger = logTo({ json: true, write, now: () => new Date() });
  let running = await runServer(home, logger, vendor);
  const request = async (path: string, init: RequestInit = {}) => {
    // The CA of the home, and the name in the certificate: nothing is taken on trust.
    const ca = await readFile(join(home.tls, "ca.pem"), "utf8");
    const response = await fetch(`https://localhost:${running.ports.api}${path}`, {
      ...init,
      tls: { ca },
      keepalive: false,
    });
    return asDescribed(init.method ?? "GET", path, response);
  };
  const call: World["call"] = async (method, path, body, bearer) => {
    const token = bearer ?? (await readFile(home.localToken, "utf8")).trim();
    const headers: Record<string, string> =
      token === "" ? {} : { authorization: `Bearer ${token}` };
    const init: RequestInit = { method, headers };
    if (body !== undefined) init.body = typeof body === "string" ? body : JSON.stringify(body);
    const response = await request(`/api/v1${path}`, init);
    const answer = (await response.json()) as Record<string, unknown>;
    return { status: response.status, body: answer, headers: response.headers as Headers };
  };
  return {
    home,
    log,
    running: () => running,
    call,
    fetch: request,
    token: async (options = {}) => String((await call("POST", "/tokens", options)).body["token"]),
    enrol: async (token, hostname, key = envoyKey()) =>
      call("POST", "/enroll", await enrolBody(token, hostname, key), ""),
    restart: async () => {
      await running.close();
      running = await runServer(home, logger, vendor);
    },
    stop: async () => {
      await running.close();
      await removeRoom(folder);
    },
  };
}

/** One whose next start takes the same ports, so that agents find it again; they check in every second. */
export async function makeLastingWorld(): Promise<World> {
  const w = await makeWorld();
  const { grpc, api } = w.running().ports;
  const listen = `{grpc_listen: "127.0.0.1:${grpc}", api_listen: "127.0.0.1:${api}"}`;
  await writeFile(w.home.config, `server: ${listen}\ncheckin: {interval: 1s}\n`);
  await w.restart();
  return w;
}

export type EnvoyKey = ReturnType<typeof newKeyPair>;
export const envoyKey = newKeyPair;

export async function enrolBody(
  token: string,
  hostname: string,
  { seed, publicKey }: EnvoyKey,
  csr?: Uint8Array,
) {
  const request = csr ?? (await certificateRequest("CN=whatever")).request;
  const proof = sign(Buffer.concat([Buffer.from("vigo.v1.enroll\0"), request]), signingKey(seed));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return {
    token,
    hostname,
    csr: base64(request),
    public_key: base64(publicKey),
    proof: base64(proof),
    machine_id: "m1",
    boot_id: "b1",
    agent_version: "1.0.0",
    platform: "linux",
    arch: "amd64",
  };
}

export const codeOf = ({ body }: Answered): unknown =>
  (body["error"] as Record<string, unknown> | undefined)?.["code"];
export const messageOf = ({ body }: Answered): string =>
  String((body["error"] as Record<string, unknown> | undefined)?.["message"]);
export const hintOf = ({ body }: Answered): string =>
  String((body["error"] as Record<string, unknown> | undefined)?.["hint"]);
