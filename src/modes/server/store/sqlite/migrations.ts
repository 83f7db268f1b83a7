/**
 * How the tables came to be, step by step. A step that has left the house never changes: a new one is added after it.
 * Must not know when they are run.
 */

export interface Migration {
  /** Counts up from 1. */
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: "first tables",
    sql: `
CREATE TABLE envoys (
  id TEXT PRIMARY KEY,
  hostname TEXT NOT NULL,
  public_key BLOB NOT NULL UNIQUE,
  certificate TEXT NOT NULL,
  previous_certificate TEXT,
  certificate_expires_at INTEGER NOT NULL,
  enrolled_at INTEGER NOT NULL,
  token_id TEXT,
  revoked_at INTEGER,
  machine_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  arch TEXT NOT NULL,
  last_seen_at INTEGER,
  agent_version TEXT,
  boot_id TEXT,
  reported_hostname TEXT,
  policy_version INTEGER,
  body_digest TEXT
) STRICT;

CREATE TABLE traits (
  envoy_id TEXT NOT NULL REFERENCES envoys (id) ON DELETE CASCADE,
  section TEXT NOT NULL,
  value TEXT NOT NULL,
  hash TEXT NOT NULL,
  collected_at INTEGER NOT NULL,
  stale INTEGER NOT NULL,
  PRIMARY KEY (envoy_id, section)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  secret_hash TEXT NOT NULL,
  label TEXT NOT NULL,
  match TEXT,
  uses_left INTEGER CHECK (uses_left >= 0),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

CREATE TABLE requests (
  id TEXT PRIMARY KEY,
  public_key BLOB NOT NULL UNIQUE,
  hostname TEXT NOT NULL,
  reason TEXT NOT NULL,
  machine_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  arch TEXT NOT NULL,
  address TEXT NOT NULL,
  token_id TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  decided_at INTEGER,
  envoy_id TEXT
) STRICT;
CREATE INDEX requests_by_state ON requests (state, requested_at);

CREATE TABLE runs (
  envoy_id TEXT NOT NULL REFERENCES envoys (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  policy_version INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  counts TEXT NOT NULL,
  causes TEXT NOT NULL,
  resources TEXT NOT NULL,
  PRIMARY KEY (envoy_id, number)
) STRICT;
CREATE INDEX runs_by_time ON runs (started_at, envoy_id, number);

CREATE TABLE spans (
  envoy_id TEXT NOT NULL REFERENCES envoys (id) ON DELETE CASCADE,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (envoy_id, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE users (
  name TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  secret_hash TEXT NOT NULL,
  user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
`,
  },
  {
    id: 2,
    name: "rollouts",
    sql: `
CREATE TABLE rollouts (
  version INTEGER PRIMARY KEY,
  state TEXT NOT NULL
) STRICT;

CREATE TABLE rollout_members (
  version INTEGER NOT NULL REFERENCES rollouts (version) ON DELETE CASCADE,
  envoy_id TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (version, envoy_id)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    id: 3,
    name: "alerts",
    sql: `
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL,
  subject TEXT NOT NULL,
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  about TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_by_time ON alerts (at);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  alert_id INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  ended_at INTEGER,
  error TEXT
) STRICT;
CREATE INDEX deliveries_by_state ON deliveries (state, next_at);
CREATE INDEX deliveries_by_alert ON deliveries (alert_id);
`,
  },
  {
    id: 4,
    name: "identity",
    sql: `
ALTER TABLE users ADD COLUMN disabled_at INTEGER;
ALTER TABLE users ADD COLUMN origin TEXT NOT NULL DEFAULT 'local';
ALTER TABLE users ADD COLUMN totp TEXT;
CREATE UNIQUE INDEX users_by_origin ON users (origin) WHERE origin <> 'local';

ALTER TABLE api_tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'login';
CREATE INDEX api_tokens_by_user ON api_tokens (user_name, created_at);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  secret_hash TEXT NOT NULL,
  user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_name);
`,
  },
  {
    id: 5,
    name: "trend",
    sql: `
CREATE TABLE trend (
  at INTEGER PRIMARY KEY,
  figures TEXT NOT NULL
) STRICT;

CREATE INDEX runs_drifted ON runs (started_at, envoy_id, number) WHERE instr(causes, 'drift') > 0;
`,
  },
  {
    id: 6,
    name: "envoys in maintenance, notes, what they trust",
    sql: `
ALTER TABLE envoys ADD COLUMN maintenance_until INTEGER;
ALTER TABLE envoys ADD COLUMN note TEXT;
ALTER TABLE envoys ADD COLUMN trusts TEXT;
`,
  },
  {
    id: 7,
    name: "tasks",
    sql: `
CREATE TABLE tasks (
  id TEXT PRIMARY KEY,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  command TEXT NOT NULL,
  asked TEXT NOT NULL,
  timeout_ms INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  max_failures INTEGER,
  output_limit INTEGER NOT NULL,
  force INTEGER NOT NULL,
  state TEXT NOT NULL,
  ended_at INTEGER,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX tasks_unfinished ON tasks (id) WHERE ended_at IS NULL;
CREATE INDEX tasks_by_end ON tasks (ended_at);

CREATE TABLE task_targets (
  task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  envoy_id TEXT NOT NULL,
  hostname TEXT NOT NULL,
  batch INTEGER NOT NULL,
  sent_at INTEGER,
  state TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  exit_code INTEGER,
  reason TEXT,
  output TEXT,
  dropped INTEGER,
  PRIMARY KEY (task_id, envoy_id)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    id: 8,
    name: "roots of traits",
    sql: `
ALTER TABLE envoys ADD COLUMN traits_root TEXT;
`,
  },
  {
    id: 9,
    name: "tasks by name, in batches, with health checks",
    sql: `
ALTER TABLE tasks ADD COLUMN named TEXT;
ALTER TABLE tasks ADD COLUMN nice INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN batch_size INTEGER;
ALTER TABLE tasks ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN health_check TEXT;
ALTER TABLE tasks ADD COLUMN check_of TEXT;
ALTER TABLE tasks ADD COLUMN check_batch INTEGER;
ALTER TABLE tasks ADD COLUMN rerun_of TEXT;
CREATE INDEX tasks_by_checked ON tasks (check_of, check_batch) WHERE check_of IS NOT NULL;
`,
  },
  {
    id: 10,
    name: "machines that come and go",
    sql: `
ALTER TABLE tokens ADD COLUMN ephemeral_ms INTEGER;
`,
  },
  {
    id: 11,
    name: "workflows",
    sql: `
CREATE TABLE workflow_runs (
  id TEXT PRIMARY KEY,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  pinned TEXT NOT NULL,
  params TEXT NOT NULL,
  actor TEXT NOT NULL,
  asked TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  batches INTEGER NOT NULL,
  max_failures INTEGER NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT,
  undo_batch INTEGER NOT NULL,
  reason TEXT NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX workflow_runs_unfinished ON workflow_runs (id) WHERE ended_at IS NULL;
CREATE INDEX workflow_runs_by_end ON workflow_runs (ended_at);

CREATE TABLE workflow_members (
  run_id TEXT NOT NULL REFERENCES workflow_runs (id) ON DELETE CASCADE,
  envoy_id TEXT NOT NULL,
  hostname TEXT NOT NULL,
  batch INTEGER NOT NULL,
  failed_at TEXT,
  reason TEXT NOT NULL,
  PRIMARY KEY (run_id, envoy_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow_steps (
  run_id TEXT NOT NULL REFERENCES workflow_runs (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  task_id TEXT,
  envoys TEXT NOT NULL,
  state TEXT,
  ended_at INTEGER,
  reason TEXT,
  by_whom TEXT,
  PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    id: 12,
    name: "requests in the audit log",
    sql: `
ALTER TABLE audit ADD COLUMN request_id TEXT;
`,
  },
  {
    id: 13,
    name: "tags of envoys",
    sql: `
ALTER TABLE envoys ADD COLUMN tags TEXT;
`,
  },
  {
    id: 14,
    name: "runs compressed, hashes of traits apart from their values",
    sql: `
ALTER TABLE runs ADD COLUMN packed BLOB;
CREATE INDEX traits_hashes ON traits (envoy_id, section, hash);
`,
  },
  {
    id: 15,
    name: "limits of tasks as they were asked for",
    sql: `
ALTER TABLE tasks ADD COLUMN batch_asked TEXT;
ALTER TABLE tasks ADD COLUMN failures_asked TEXT;
`,
  },
];
