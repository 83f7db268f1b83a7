/** A daemon in this process, on this machine, with a clock of its own; the server is as real. Must not know any test. */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyId } from "../../../src/core/pki/keys.ts";
import type { LogFields } from "../../../src/core/log.ts";
import type { AgentContext } from "../../../src/modes/agent/command.ts";
import { daemon } from "../../../src/modes/agent/daemon.ts";
import { type Enrolment, enrol } from "../../../src/modes/agent/enrol.ts";
import { machineFacts } from "../../../src/modes/agent/facts.ts";
import { writeIdentity } from "../../../src/modes/agent/identity.ts";
import type { ProxySettings } from "../../../src/modes/agent/proxy.ts";
import { pass } from "../../../src/modes/agent/run.ts";
import { Member } from "../../../src/modes/agent/member.ts";
import { takeLock } from "../../../src/modes/agent/run-lock.ts";
import { paths } from "../../../src/modes/agent/home.ts";
import { overheard } from "../../support/overheard.ts";
import { recordingScreen } from "../../support/screen.ts";
import { removeRoom } from "../../support/remove-room.ts";
import type { Enrolled, World as GrpcWorld } from "../grpc/world.ts";

export interface Logged {
  readonly event: string;
  readonly fields: LogFields;
}

export interface RealAgent {
  readonly room: string;
  readonly home: string;
  /** Added to the machine's time. */
  readonly clock: { offsetMs: number };
  readonly logged: Logged[];
  readonly context: AgentContext;
  /** What the policy of `tree` keeps: one file. */
  readonly page: string;
  start(): void;
  /** Ends the daemon, if there is one. */
  stop(): Promise<void>;
  /** `vigo agent run`, in this process. */
  runOnce(options?: { readonly offline?: boolean }): ReturnType<typeof pass>;
  remove(): Promise<void>;
}

export async function realAgent({
  watch = false,
  proxy,
}: { readonly watch?: boolean; readonly proxy?: ProxySettings } = {}): Promise<RealAgent> {
  const room = await mkdtemp(join(tmpdir(), "vigo-agent-"));
  const home = join(room, "home");
  const clock = { offsetMs: 0 };
  const logged: Logged[] = [];
  const note = (event: string, fields: LogFields = {}) => {
    logged.push({ event, fields });
    overheard(`agent: ${event} ${JSON.stringify(fields)}`);
  };
  const context: AgentContext = {
    screen: recordingScreen(),
    settings: {
      home,
      isDefaultHome: false,
      watch,
      logLevel: "info",
      logFormat: "text",
      ...(proxy !== undefined && { proxy }),
    },
    home,
    log: { info: note, warn: note, error: note },
    now: () => new Date(Date.now() + clock.offsetMs),
  };
  let running: { readonly stop: AbortController; readonly done: Promise<boolean> } | undefined;
  const stop = async () => {
    running?.stop.abort();
    await running?.done;
    running = undefined;
  };
  return {
    room,
    home,
    clock,
    logged,
    context,
    page: join(room, "page"),
    start: () => {
      const stop = new AbortController();
      running = { stop, done: daemon(context, stop.signal) };
    },
    stop,
    runOnce: async ({ offline = false } = {}) => {
      const lock = takeLock(paths(home).lock);
      const member = await Member.open(context);
      try {
        return await pass(member, { offline });
      } finally {
        await member.close();
        lock.release();
      }
    },
    remove: async () => {
      await stop();
      await removeRoom(room);
    },
  };
}

/** A tree that keeps one file with this content. */
export const policyOf = ({ page }: Pick<RealAgent, "page">, content: string) => ({
  "envoys.vgo": 'envoys: [{match: "*", configcrates: [site]}]\n',
  "configcrates/site.vgo": `configcrate: site\nresources:\n  - {name: page, type: file, target_path: ${page}, content: "${content}\\n"}\n`,
});

/** The identity that a server of tests/integration/grpc has given, at this home. */
export const settle = (
  w: GrpcWorld,
  { home }: RealAgent,
  { identity, row }: Enrolled,
): Promise<void> =>
  writeIdentity(home, {
    about: {
      envoy_id: identity.envoyId,
      hostname: row.hostname,
      server_id: identity.serverId,
      servers: [...identity.servers],
      api: "127.0.0.1:1",
    },
    bundleKeys: [
      {
        id: keyId(w.signing.publicKey),
        public_key: Buffer.from(w.signing.publicKey).toString("base64"),
      },
    ],
    certificate: identity.certificate,
    key: identity.key,
    ca: identity.ca,
    seed: identity.seed,
  });

/** `api` is a port of localhost, or addresses as `--server` takes them. */
export function enrolAt(
  agent: RealAgent,
  api: number | string,
  token: string,
  hostname = "web-1",
): Promise<Enrolment> {
  const { machineId, bootId } = machineFacts();
  const { proxy } = agent.context.settings;
  return enrol(agent.home, {
    api: typeof api === "number" ? `localhost:${api}` : api,
    token,
    hostname,
    machineId,
    bootId,
    agentVersion: "1.0.0",
    platform: "linux",
    arch: "amd64",
    ...(proxy !== undefined && { proxy }),
  });
}

export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined) {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await Bun.sleep(20);
  }
  throw new Error(`not within 15 s: ${what}`);
}

/** Until a file has this content. */
export const holds = (path: string, content: string) =>
  until(`${path} holds ${content}`, async () => {
    const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    return found === content ? true : undefined;
  });

/** Until the daemon has said it. */
export const says = ({ logged }: RealAgent, event: string, reason?: string | RegExp) =>
  until(`it says ${event} ${reason ?? ""}`, () =>
    logged.find(
      (one) =>
        one.event === event &&
        (reason === undefined || new RegExp(reason).test(JSON.stringify(one.fields))),
    ),
  );
