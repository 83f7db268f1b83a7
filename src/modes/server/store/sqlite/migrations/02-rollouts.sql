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
