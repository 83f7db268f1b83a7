/** What an operator would look at on this machine, each with its fix; from local files, and one connection. Must not know words. */
import { connect, type Socket } from "node:net";
import { statfs } from "node:fs/promises";
import { asVigoError } from "../../core/errors.ts";
import { certificateFacts, renewalDueAt } from "../../core/pki/certificate.ts";
import { endOf } from "./addresses.ts";
import type { AgentContext } from "./command.ts";
import { damageOf } from "./lmdb-check.ts";
import { paths } from "./home.ts";
import { mustHaveIdentity } from "./identity.ts";
import type { AgentStatus } from "./print-status.ts";
import { type ProxySettings, proxyFor } from "./proxy.ts";
import { agentStatus } from "./status.ts";
import { tunnelTo } from "./tunnel.ts";

export interface Finding {
  readonly result: "pass" | "warn" | "fail";
  readonly message: string;
  readonly fix?: string;
}

export type Check = Finding & { readonly name: string };

interface Patient {
  readonly context: AgentContext;
  readonly status: AgentStatus;
  readonly now: number;
}

const pass = (message: string): Finding => ({ result: "pass", message });
const warn = (message: string, fix: string): Finding => ({ result: "warn", message, fix });
const fail = (message: string, fix: string): Finding => ({ result: "fail", message, fix });

/** One that breaks is a finding, not the end. */
export async function examine(context: AgentContext): Promise<readonly Check[]> {
  const patient = { context, status: await agentStatus(context), now: context.now().getTime() };
  return Promise.all(
    Object.entries(examinations).map(async ([name, look]) => ({
      name,
      ...(await found(look, patient)),
    })),
  );
}

async function found(look: Examination, patient: Patient): Promise<Finding> {
  try {
    return await look(patient);
  } catch (caught) {
    const { message, hint = "vigo agent logs says more" } = asVigoError(caught);
    return fail(message, hint);
  }
}

type Examination = (patient: Patient) => Promise<Finding> | Finding;

const day = 86_400_000;
const leastFreeBytes = 100 * 1024 * 1024;

const examinations: Readonly<Record<string, Examination>> = {
  identity: async ({ context }) => {
    const { about } = await mustHaveIdentity(context.home);
    return pass(`${about.hostname}, envoy ${about.envoy_id}`);
  },
  certificate: async ({ context, now }) => {
    const facts = certificateFacts((await mustHaveIdentity(context.home)).certificate);
    const days = Math.floor((facts.expiresAt - now) / day);
    if (facts.expiresAt <= now)
      return fail("the client certificate has expired", "vigo agent trust --token TOKEN");
    // It is due at two thirds of its life: a daemon that calls has renewed it long since.
    if (renewalDueAt(facts) + day < now)
      return warn(`${days} days left, and not renewed`, "is the daemon running, and calling?");
    return pass(`${days} days left`);
  },
  daemon: ({ status }) =>
    status.running_pid === undefined
      ? warn("no agent is running", "systemctl start vigo-agent, or: vigo agent daemon")
      : pass(`process ${status.running_pid}`),
  servers: async ({ context }) => {
    const { servers: named, proxy } = context.settings;
    const servers = named ?? (await mustHaveIdentity(context.home)).about.servers;
    const answered = await Promise.all(servers.map((one) => answers(one, proxy)));
    const away = servers.filter((_, index) => answered[index] === false);
    if (away.length === 0) return pass(`${servers.join(", ")} can be reached`);
    const fix = "is it up, and does a firewall let this machine through to that port?";
    const say = away.length === servers.length ? fail : warn;
    return say(`${away.join(", ")} cannot be reached`, fix);
  },
  contact: ({ status, now }) => {
    const { last_contact_at: at, interval_ms: interval = 300_000 } = status;
    if (at === undefined) return warn("the server never answered", "vigo agent run");
    const silentS = Math.round((now - Date.parse(at)) / 1000);
    return silentS * 1000 > 3 * interval
      ? warn(`the server has not answered for ${silentS} s`, "vigo agent run says why")
      : pass(`${silentS} s ago`);
  },
  bundle: ({ status, now }) => {
    if (status.policy_version === 0)
      return warn(
        "there is none yet",
        "is anything published, and does a hostcrate match this machine? On the server: vigo cli config status, vigo cli config trace HOST",
      );
    const { bundle_expires_at: ends } = status;
    return ends !== undefined && Date.parse(ends) <= now
      ? fail(`it expired at ${ends} and is not enforced`, "vigo agent run fetches a fresh one")
      : pass(`version ${status.policy_version}`);
  },
  enforcement: ({ status }) =>
    status.paused === undefined
      ? pass("not paused")
      : warn(`paused until ${status.paused.until}: ${status.paused.reason}`, "vigo agent resume"),
  reports: ({ status }) =>
    status.pending_results > 100
      ? warn(`${status.pending_results} wait for the server`, "they are told once it answers")
      : pass(`${status.pending_results} wait`),
  state: async ({ context }) => {
    const damage = await damageOf(paths(context.home).state);
    return damage === undefined
      ? pass("whole")
      : warn(damage, "restart the daemon: it sets the file aside and makes a new one");
  },
  disk: async ({ context }) => {
    const { bavail, bsize } = await statfs(context.home);
    const free = bavail * bsize;
    const said = `${Math.floor(free / 1_048_576)} MB free at ${context.home}`;
    return free < leastFreeBytes
      ? warn(said, "make room: reports and state are kept there")
      : pass(said);
  },
};

/** Does anybody take a connection at `host:port` within three seconds, or let us through to it? */
function answers(server: string, proxy: ProxySettings | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    let socket: Socket | undefined;
    const end = (isThere: boolean) => {
      clearTimeout(late);
      socket?.destroy();
      resolve(isThere);
    };
    const late = setTimeout(() => end(false), 3_000);
    if (proxyFor(endOf(server), proxy) !== undefined)
      return void tunnelTo(server, proxy).then(
        (tunnel) => {
          socket = tunnel;
          end(true);
        },
        () => end(false),
      );
    socket = connect(endOf(server));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
