ALTER TABLE tokens ADD COLUMN ephemeral_ms INTEGER;
