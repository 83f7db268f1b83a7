/** Rows to fill a store with. */
import { randomBytes } from "node:crypto";
import { newKeyPair } from "../../../src/core/pki/keys.ts";
import type { TaskRow } from "../../../src/modes/server/store/tasks.ts";
import type {
  AuditEntry,
  EnvoyRow,
  RequestRow,
  RunRow,
  Store,
  TokenRow,
} from "../../../src/modes/server/store/store.ts";

export const entry = (action = "test.act", detail: AuditEntry["detail"] = null): AuditEntry => ({
  at: 1_000,
  actor: "tester",
  action,
  subject: "s",
  detail,
});

export const token = (id: string, more: Partial<TokenRow> = {}): TokenRow => ({
  id,
  secretHash: "00",
  label: "for tests",
  match: undefined,
  usesLeft: undefined,
  createdAt: 1_000,
  expiresAt: 9_000,
  revokedAt: undefined,
  ephemeralMs: undefined,
  ...more,
});

export const envoy = (id: string, more: Partial<EnvoyRow> = {}): EnvoyRow => ({
  id,
  hostname: `${id}.example`,
  publicKey: newKeyPair().publicKey,
  certificate: `${id}-certificate`,
  previousCertificate: undefined,
  certificateExpiresAt: 5_000,
  enrolledAt: 1_000,
  tokenId: undefined,
  revokedAt: undefined,
  machineId: "m",
  platform: "linux",
  arch: "amd64",
  ...more,
});

export const request = (id: string, more: Partial<RequestRow> = {}): RequestRow => ({
  id,
  publicKey: newKeyPair().publicKey,
  hostname: "web",
  reason: "the name is taken",
  machineId: "m",
  platform: "linux",
  arch: "amd64",
  address: "192.0.2.1",
  tokenId: "t",
  requestedAt: 2_000,
  state: "waiting",
  decidedAt: undefined,
  envoyId: undefined,
  ...more,
});

export const run = (envoyId: string, number: number, more: Partial<RunRow> = {}): RunRow => ({
  envoyId,
  number,
  policyVersion: 1,
  startedAt: number * 1_000,
  durationMs: 12,
  outcome: "changed",
  counts: { ok: 1, changed: 1, failed: 0, skipped: 0, blocked: 0, pending: 0 },
  causes: ["drift"],
  resources: [
    {
      key: "web/motd",
      type: "file",
      outcome: "changed",
      changes: [{ field: "content", from: undefined, to: "Grüße", cause: "drift" }],
      duration_ms: 3,
    },
  ],
  ...more,
});

export const enrolled = async (store: Store, ...ids: readonly string[]): Promise<void> => {
  for (const id of ids)
    await store.envoys.enrol({
      envoy: envoy(id),
      use: undefined,
      requestId: undefined,
      audit: entry("envoy.enrol"),
    });
};

/** What a task has that is run at once, by a shell. */
export const plainTask = {
  named: undefined,
  nice: 0,
  batchSize: undefined,
  batchAsked: undefined,
  failuresAsked: undefined,
  batch: 0,
  healthCheck: undefined,
  checkOf: undefined,
  checkBatch: undefined,
  rerunOf: undefined,
};

export const task = (id: string, more: Partial<TaskRow> = {}): TaskRow => ({
  id,
  actor: "tester",
  createdAt: 1_000,
  command: "true",
  asked: ["*"],
  timeoutMs: 60_000,
  expiresAt: 9_000,
  maxFailures: undefined,
  outputLimit: 1_000,
  force: false,
  state: "running",
  endedAt: undefined,
  reason: "",
  ...plainTask,
  ...more,
});

/** Text that no compression makes shorter. */
export const noise = (characters: number): string =>
  randomBytes(characters).toString("base64").slice(0, characters);
