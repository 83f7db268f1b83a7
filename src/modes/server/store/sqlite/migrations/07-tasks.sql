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
