ALTER TABLE audit ADD COLUMN request_id TEXT;
