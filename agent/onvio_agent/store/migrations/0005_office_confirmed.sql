-- Who vouched, and when, for an account's office where ONVIO does not say it.

ALTER TABLE links ADD COLUMN office_confirmed_by TEXT
    CHECK (office_confirmed_by IS NULL OR sub IS NOT NULL);
ALTER TABLE links ADD COLUMN office_confirmed_at INTEGER
    CHECK ((office_confirmed_at IS NULL) = (office_confirmed_by IS NULL));
