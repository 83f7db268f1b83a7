ALTER TABLE tasks ADD COLUMN batch_asked TEXT;
ALTER TABLE tasks ADD COLUMN failures_asked TEXT;
