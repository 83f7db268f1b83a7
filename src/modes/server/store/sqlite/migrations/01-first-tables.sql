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
