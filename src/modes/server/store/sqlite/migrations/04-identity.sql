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
