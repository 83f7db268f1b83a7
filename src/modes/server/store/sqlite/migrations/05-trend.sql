CREATE TABLE trend (
  at INTEGER PRIMARY KEY,
  figures TEXT NOT NULL
) STRICT;

CREATE INDEX runs_drifted ON runs (started_at, envoy_id, number) WHERE instr(causes, 'drift') > 0;
