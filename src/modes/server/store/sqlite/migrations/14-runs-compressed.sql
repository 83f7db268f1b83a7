ALTER TABLE runs ADD COLUMN packed BLOB;
CREATE INDEX traits_hashes ON traits (envoy_id, section, hash);
