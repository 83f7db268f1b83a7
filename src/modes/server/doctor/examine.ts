/** What the doctor looks at, each check on its own: one that breaks is a finding, not the end. Must not know HTTP. */
import files, { stat, statfs } from "node:fs/promises";
import type { Check } from "../../../core/api/server.ts";
import { asVigoError } from "../../../core/errors.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { soundLive } from "../../../core/publish/live.ts";
import { version } from "../../../core/version.ts";
import type { LicenseKeeper } from "../license/keeper.ts";
import type { Smtp } from "../alerts/settings.ts";
import type { Heads } from "../audit/heads.ts";
import { readSettings, type Settings } from "../config/read.ts";
import { revealing } from "../secrets/reveal.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Home } from "../home.ts";
import type { SecretKeeper } from "../secrets/keeper.ts";
import type { Store } from "../store/store.ts";

export interface DoctorDeps {
  readonly home: Home;
  readonly settings: Pick<Settings, "databaseFile" | "secretsKey" | "tls">;
  readonly store: Pick<Store, "examine" | "size" | "audit">;
  readonly license: Pick<LicenseKeeper, "look" | "state" | "says">;
  /** As it is now. */
  readonly smtp: () => Smtp | undefined;
  readonly heads: Pick<Heads, "verify">;
  readonly secrets: Pick<SecretKeeper, "examine">;
  readonly fleet: Fleet;
  readonly authority: { readonly expiresAt: number };
  readonly identity: () => { readonly expiresAt: number };
  /** Why the live policy is not in force, or not for some envoys; empty when it is. */
  readonly policyTroubles: () => readonly string[];
  /** What the live policy has for envoys whose agents do not know it; empty when all do. */
  readonly oldAgents: () => Promise<readonly string[]>;
  readonly now: () => number;
}

type Finding = Omit<Check, "name">;
type Examination = (deps: DoctorDeps) => Promise<Finding> | Finding;

export const examine = (deps: DoctorDeps): Promise<readonly Check[]> =>
  Promise.all(
    Object.entries(examinations).map(async ([name, look]) => ({
      name,
      ...(await found(deps, look)),
    })),
  );

async function found(deps: DoctorDeps, look: Examination): Promise<Finding> {
  try {
    return await look(deps);
  } catch (caught) {
    const { message, hint, cause } = asVigoError(caught);
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
    return fail(why, hint ?? "mend what it says; the server's log may say more");
  }
}

/** The server goes on with what it has in memory. */
const lost = (file: string): string =>
  file.endsWith("local-admin.token")
    ? "restart the server: it makes another"
    : `restore ${file} from a backup before the server ends: it may not begin again without it`;

const pass = (message: string): Finding => ({ result: "pass", message });
const warn = (message: string, fix: string): Finding => ({ result: "warn", message, fix });
const fail = (message: string, fix: string): Finding => ({ result: "fail", message, fix });

const mb = (bytes: number): string => `${Math.ceil(bytes / 1_048_576).toLocaleString("en")} MB`;
const days = (ms: number): number => Math.floor(ms / 86_400_000);

/** A larger one would hold up the agents while it is read. */
const mostExamined = 256 * 1_048_576;

const examinations: Readonly<Record<string, Examination>> = {
  database: async ({ store, settings }) => {
    const size = await store.size();
    if (size > mostExamined)
      return {
        result: "skip",
        message: `too large to read through while agents call (${mb(size)})`,
      };
    const [damage] = await store.examine();
    if (damage === undefined) return pass(`sound, ${mb(size)}`);
    return fail(`damaged: ${damage}`, `restore ${settings.databaseFile} from a backup`);
  },
  audit: async ({ heads, home }) => {
    const { entries, problem } = await heads.verify(undefined);
    if (problem === undefined) return pass(`${entries} entries, none changed or removed`);
    return fail(
      problem,
      `somebody wrote to the database: compare with a backup. If you restored one yourself, remove ${home.auditHead} and restart`,
    );
  },
  "server certificate": ({ identity, now }) =>
    lifetime(
      identity().expiresAt - now(),
      "it is renewed by itself when Vigo issued it; otherwise replace it and send SIGHUP",
    ),
  "ca certificate": ({ authority, now }) =>
    lifetime(
      authority.expiresAt - now(),
      "vigo cli server new-ca replaces it while the fleet goes on",
    ),
  "key files": async ({ home, settings }) => {
    const { bundleKey, auditKey, factorKey, localToken } = home;
    const must = [settings.tls.caKey, settings.tls.key, bundleKey, factorKey, localToken];
    // The others are made when they are first needed.
    const all = [...must, settings.secretsKey, auditKey];
    const found = await Promise.all(all.map((file) => ifThere(stat(file))));
    for (const [n, file] of all.entries()) {
      const mode = found[n]?.mode;
      if (mode === undefined && must.includes(file))
        return fail(`${file} is not there`, lost(file));
      if (((mode ?? 0) & 0o077) !== 0)
        return fail(`${file} can be read by others`, `chmod 600 ${file}`);
    }
    return pass("readable by the server alone");
  },
  licence: async ({ license }) => {
    await license.look();
    const { state, says } = license;
    const fix = "vigo cli license install FILE takes another; until then newcomers are refused";
    if (state === "unlimited" || state === "valid") return pass(says);
    return state === "expiring" || state === "full" ? warn(says, fix) : fail(says, fix);
  },
  SMTP: async ({ smtp }) => {
    const settings = smtp();
    if (settings === undefined)
      return { result: "skip", message: "there is no smtp in server.yaml" };
    const place = `${settings.host}:${settings.port}`;
    try {
      await (await import("../alerts/send.ts")).greetMailServer(settings);
      return pass(`${place} takes mail`);
    } catch (caught) {
      // Whatever the mail server or the way to it has to say is the finding.
      const why = caught instanceof Error ? caught.message : String(caught);
      return fail(
        `${place}: ${why}`,
        "mend smtp in server.yaml; vigo cli alerts test mail tries it",
      );
    }
  },
  spanner: () => ({ result: "skip", message: "is not in this version" }),
  secrets: async ({ secrets }) => {
    const count = await secrets.examine();
    return pass(count === 0 ? "none yet" : `all ${count} can be read`);
  },
  config: async ({ home }) => {
    await readSettings(home, revealing(home));
    return pass(`${home.config} is right`);
  },
  policy: async ({ policyTroubles, home, fleet }) => {
    // What is in memory is well; the next start reads it again.
    const { damage } = await soundLive(files, home.folder);
    if (damage !== undefined)
      return fail(damage, "vigo cli publish --replace, before a restart: it would not start");
    const [first, ...more] = policyTroubles();
    if (first === undefined) return taken(fleet);
    const rest = more.length === 0 ? "" : ` (and ${more.length} more)`;
    return warn(`${first}${rest}`, "mend it and publish; until then envoys keep what they have");
  },
  disk: async ({ home }) => {
    const { bavail, blocks, bsize } = await statfs(home.folder);
    const [free, share] = [bavail * bsize, bavail / Math.max(1, blocks)];
    const message = `${mb(free)} free below ${home.folder}`;
    if (free < 64 * 1_048_576)
      return fail(message, "free space, or reports of runs cannot be kept");
    if (share < 0.05 && free < 1_024 * 1_048_576) return warn(message, "free space soon");
    return pass(message);
  },
  clock: async ({ store, now }) => {
    const [last] = await store.audit.page(1);
    const ahead = (last?.at ?? 0) - now();
    if (ahead <= 60_000) return pass("not behind anything this server has recorded");
    return fail(
      `${Math.ceil(ahead / 1000)} s behind the last audit entry`,
      "set the clock; agents refuse bundles that seem older than theirs",
    );
  },
  "stale envoys": ({ fleet }) => {
    const names = [...fleet.list()]
      .filter((envoy) => envoy.row.revokedAt === undefined && fleet.status(envoy) === "offline")
      .map(({ row }) => row.hostname);
    if (names.length === 0) return pass("every envoy has called in time");
    return warn(
      `${names.length} offline: ${some(names)}`,
      "look at their agent: vigo agent doctor; or revoke those that are gone",
    );
  },
  "agent versions": async ({ fleet, oldAgents }) => {
    const others = [...fleet.list()].filter(
      ({ row, agentVersion }) =>
        row.revokedAt === undefined && agentVersion !== "" && agentVersion !== version.version,
    );
    const [lack, ...lacks] = await oldAgents();
    if (lack !== undefined)
      return warn(
        lacks.length === 0 ? lack : `${lack}; and ${lacks.length} more`,
        "update them; vigo cli envoys show HOST says what its agent lacks",
      );
    if (others.length === 0) return pass(`every agent that has called runs ${version.version}`);
    return warn(
      `${others.length} agents do not run ${version.version}`,
      "update them; new resource types are blocked there until then",
    );
  },
};

/** What agents refuse they do not say: they go on asking for it. */
function taken(fleet: Fleet): Finding {
  const names = [...fleet.list()]
    .filter((envoy) => envoy.row.revokedAt === undefined && envoy.takesNothing)
    .map(({ row }) => row.hostname);
  if (names.length === 0) return pass("in force for every envoy");
  return warn(
    names.length === 1
      ? `${names[0]} does not take what it is offered`
      : `${names.length} envoys do not take what they are offered: ${some(names)}`,
    "vigo agent logs there says why (bundle refused). If the key that signs bundles is another than it was, as after a backup was restored: vigo agent trust --token T there",
  );
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;

function lifetime(left: number, fix: string): Finding {
  if (left <= 0) return fail("has ended", fix);
  const message = `good for ${days(left)} days`;
  return days(left) < 21 ? warn(message, fix) : pass(message);
}
