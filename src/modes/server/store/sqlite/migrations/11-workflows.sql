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
