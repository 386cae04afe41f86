-- When a pause was asked for: without it a wall clock that was set back would stretch the pause.

ALTER TABLE intent ADD COLUMN set_at INTEGER;
