/** Every check of the doctor, well and ill: what is found, and that each finding says what to do. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VigoError } from "../../../src/core/errors.ts";
import { version } from "../../../src/core/version.ts";
import type { DoctorDeps } from "../../../src/modes/server/doctor/examine.ts";
import { examine } from "../../../src/modes/server/doctor/examine.ts";
import { homeAt } from "../../../src/modes/server/home.ts";

const day = 86_400_000;
const now = 1_700_000_000_000;
let folder = "";
let well: DoctorDeps;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vigo-doctor-"));
  const home = homeAt(folder, {});
  const tls = { caKey: join(folder, "ca_key"), key: join(folder, "key") };
  const secretsKey = join(folder, "master");
  const { bundleKey, auditKey, factorKey, localToken } = home;
  for (const file of [
    ...Object.values(tls),
    secretsKey,
    bundleKey,
    auditKey,
    factorKey,
    localToken,
  ]) {
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, "x", { mode: 0o600 });
  }
  await writeFile(home.config, "checkin: {interval: 1m}\n");
  const version1 = `versions/1-${"a".repeat(64)}`;
  await mkdir(join(folder, "damaged", version1), { recursive: true });
  await symlink(version1, join(folder, "damaged", ".live"));
  well = {
    home,
    settings: { databaseFile: "/db", secretsKey, tls },
    store: {
      examine: async () => [],
      size: async () => 3 * 1_048_576,
      audit: { page: async () => [{ at: now }] },
    },
    license: license("unlimited", "no licence, no limit"),
    smtp: () => undefined,
    heads: { verify: async () => ({ entries: 7, problem: undefined }) },
    secrets: { examine: async () => 2 },
    fleet: fleet([envoy("web-1", "converged", version.version)]),
    authority: { expiresAt: now + 3_000 * day },
    identity: () => ({ expiresAt: now + 300 * day }),
    policyTroubles: () => [],
    oldAgents: async () => [],
    now: () => now,
  } as unknown as DoctorDeps;
});
afterAll(() => rm(folder, { recursive: true }));

interface FakeEnvoy {
  readonly row: { readonly hostname: string; readonly revokedAt?: number };
  readonly status: string;
  readonly agentVersion: string;
}
const envoy = (hostname: string, status: string, agentVersion: string): FakeEnvoy => ({
  row: { hostname },
  status,
  agentVersion,
});
const fleet = (all: readonly FakeEnvoy[]) =>
  ({ list: () => all, status: (one: FakeEnvoy) => one.status }) as unknown as DoctorDeps["fleet"];

const broken = (why: string) => async () => {
  throw new VigoError("unavailable", why);
};

type Row = readonly [
  check: string,
  what: string,
  change: () => Record<string, unknown>,
  result: "pass" | "warn" | "fail" | "skip",
  says: string,
];
const mode = (file: () => string, bits: number) => () => {
  modes.push([file(), bits]);
  return {};
};
/** Set while a row is looked at. */
const modes: [string, number][] = [];

const offline = (count: number) =>
  fleet(Array.from({ length: count }, (_, n) => envoy(`web-${n}`, "offline", version.version)));

/** As a file that nobody has touched. */
function license(state: DoctorDeps["license"]["state"], says: string): DoctorDeps["license"] {
  return { state, says, look: async () => {} };
}

const rows: readonly Row[] = [
  ["database", "well", () => ({}), "pass", "sound, 3 MB"],
  [
    "database",
    "damaged",
    () => ({ store: { ...well.store, examine: async () => ["page 7"] } }),
    "fail",
    "damaged: page 7",
  ],
  [
    "database",
    "large",
    () => ({ store: { ...well.store, size: async () => 2 ** 30 } }),
    "skip",
    "too large",
  ],
  [
    "database",
    "unreadable",
    () => ({ store: { ...well.store, examine: broken("disk I/O error") } }),
    "fail",
    "disk I/O error",
  ],
  ["audit", "well", () => ({}), "pass", "7 entries"],
  [
    "audit",
    "tampered with",
    () => ({ heads: { verify: async () => ({ entries: 3, problem: "entry 4 does not follow" }) } }),
    "fail",
    "entry 4",
  ],
  ["server certificate", "well", () => ({}), "pass", "300 days"],
  [
    "server certificate",
    "about to end",
    () => ({ identity: () => ({ expiresAt: now + 20 * day }) }),
    "warn",
    "20 days",
  ],
  [
    "server certificate",
    "ended",
    () => ({ identity: () => ({ expiresAt: now }) }),
    "fail",
    "has ended",
  ],
  [
    "ca certificate",
    "about to end",
    () => ({ authority: { expiresAt: now + day } }),
    "warn",
    "1 days",
  ],
  ["ca certificate", "ended", () => ({ authority: { expiresAt: now - day } }), "fail", "has ended"],
  ["key files", "well", () => ({}), "pass", "server alone"],
  [
    "key files",
    "one that is gone",
    () => ({
      settings: { ...well.settings, tls: { ...well.settings.tls, caKey: "/nowhere/ca_key" } },
    }),
    "fail",
    "/nowhere/ca_key is not there",
  ],
  [
    "key files",
    "the local token gone",
    () => ({ home: { ...well.home, localToken: "/nowhere/local-admin.token" } }),
    "fail",
    "local-admin.token is not there",
  ],
  [
    "key files",
    "open to a group",
    mode(() => well.settings.tls.caKey, 0o640),
    "fail",
    "ca_key can be read",
  ],
  [
    "key files",
    "open to all",
    mode(() => well.settings.secretsKey, 0o604),
    "fail",
    "master can be read",
  ],
  ["licence", "none", () => ({}), "pass", "no limit"],
  [
    "licence",
    "valid",
    () => ({ license: license("valid", "what it says") }),
    "pass",
    "what it says",
  ],
  [
    "licence",
    "about to end",
    () => ({ license: license("expiring", "what it says") }),
    "warn",
    "what it says",
  ],
  ["licence", "full", () => ({ license: license("full", "what it says") }), "warn", "what it says"],
  [
    "licence",
    "ended",
    () => ({ license: license("expired", "what it says") }),
    "fail",
    "what it says",
  ],
  [
    "licence",
    "unreadable",
    () => ({ license: license("unreadable", "what it says") }),
    "fail",
    "what it says",
  ],
  ["SMTP", "none", () => ({}), "skip", "no smtp"],
  [
    "SMTP",
    "away",
    () => ({
      smtp: () => ({ host: "127.0.0.1", port: 1, tls: "none", from: "a@b.example", to: [] }),
    }),
    "fail",
    "127.0.0.1:1",
  ],
  ["spanner", "reserved", () => ({}), "skip", "not in this version"],
  ["secrets", "well", () => ({}), "pass", "all 2"],
  [
    "secrets",
    "backend away",
    () => ({ secrets: { examine: broken("vault answers 503") } }),
    "fail",
    "vault answers 503",
  ],
  ["config", "well", () => ({}), "pass", "is right"],
  ["config", "wrong", () => ({ home: { ...well.home, config: "/dev/null/none" } }), "fail", ""],
  ["policy", "well", () => ({}), "pass", "in force"],
  [
    "policy",
    "damaged on the disk",
    () => ({ home: homeAt(join(folder, "damaged"), {}) }),
    "fail",
    "publish.json is missing",
  ],
  ["policy", "not for all", () => ({ policyTroubles: () => ["a", "b"] }), "warn", "a (and 1 more)"],
  ["disk", "full", () => ({ home: { ...well.home, folder: "/proc" } }), "fail", "0 MB free"],
  ["clock", "well", () => ({}), "pass", "not behind"],
  ["clock", "behind", () => ({ now: () => now - 120_000 }), "fail", "120 s behind"],
  ["stale envoys", "none", () => ({}), "pass", "in time"],
  [
    "stale envoys",
    "seven",
    () => ({ fleet: offline(7) }),
    "warn",
    "7 offline: web-0, web-1, web-2, web-3, web-4, …",
  ],
  ["agent versions", "the same", () => ({}), "pass", version.version],
  [
    "agent versions",
    "another",
    () => ({ fleet: fleet([envoy("a", "converged", "0.1")]) }),
    "warn",
    "1 agents",
  ],
  [
    "agent versions",
    "that lack something",
    () => ({ oldAgents: async () => ["3 envoys run 1.2", "x"] }),
    "warn",
    "3 envoys run 1.2; and 1 more",
  ],
];

test.each(rows)("%s, %s", async (name, _, change, result, says) => {
  const deps = { ...well, ...change() } as DoctorDeps;
  const changed = modes.splice(0);
  for (const [file, bits] of changed) await chmod(file, bits);
  const found = (await examine(deps)).find((one) => one.name === name);
  for (const [file] of changed) await chmod(file, 0o600);
  expect([found?.result, found?.message]).toEqual([result, expect.stringContaining(says)]);
  const isFinding = result === "warn" || result === "fail";
  expect((found?.fix ?? "").length > 10).toBe(isFinding);
});

test("there is a row for each check", async () => {
  const names = (await examine(well)).map(({ name }) => name);
  expect(new Set(rows.map(([name]) => name))).toEqual(new Set(names));
});
