-- When a wait began, on the clock that cannot be set: a wall clock set ahead would cut the wait short.

ALTER TABLE retries ADD COLUMN set_mono REAL;
