ALTER TABLE envoys ADD COLUMN traits_root TEXT;
