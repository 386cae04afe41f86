-- The first schema. Times are integer microseconds since 1970 UTC; nothing here asks for the time or
-- for chance. Forward only: a released migration is never edited.

PRAGMA application_id = 1330533961;  -- "ONVI": tells this file from another program's

CREATE TABLE users (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: sealed rows name it
    login              TEXT    NOT NULL CHECK (login <> ''),
    login_key          TEXT    NOT NULL CHECK (login_key <> ''),
    name               TEXT    NOT NULL CHECK (name <> ''),
    role               TEXT    NOT NULL CHECK (role IN ('manager', 'standard')),
    situation          TEXT    NOT NULL CHECK (situation IN ('active', 'inactive')),
    uses_onvio         INTEGER NOT NULL CHECK (uses_onvio IN (0, 1)),
    uses_client_portal INTEGER NOT NULL CHECK (uses_client_portal IN (0, 1)),
    added_at           INTEGER NOT NULL,
    changed_at         INTEGER NOT NULL,
    CHECK (situation = 'active' OR (uses_onvio = 0 AND uses_client_portal = 0))
) STRICT;

CREATE UNIQUE INDEX users_login ON users (login_key);
CREATE UNIQUE INDEX users_one_manager ON users (role)
    WHERE role = 'manager' AND situation = 'active';

CREATE TABLE links (
    user_id                    INTEGER PRIMARY KEY REFERENCES users (id),
    generation                 INTEGER NOT NULL CHECK (generation >= 0),
    issuer                     TEXT,
    sub                        TEXT,
    email                      TEXT,
    email_key                  TEXT,
    account_name               TEXT,
    account_role               TEXT CHECK (account_role IN ('administrator', 'staff', 'unknown')),
    office_cnpj                TEXT,
    confirmed                  INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    ended                      TEXT,
    administrator_confirmed_by TEXT,
    reported_email             TEXT,
    linked_at                  INTEGER,
    UNIQUE (user_id, generation),
    CHECK (
        (issuer IS NOT NULL AND sub IS NOT NULL AND email IS NOT NULL AND email_key IS NOT NULL
         AND account_role IS NOT NULL AND linked_at IS NOT NULL)
        OR
        (issuer IS NULL AND sub IS NULL AND email IS NULL AND email_key IS NULL
         AND account_role IS NULL AND linked_at IS NULL
         AND account_name IS NULL AND office_cnpj IS NULL AND confirmed = 0 AND ended IS NULL
         AND administrator_confirmed_by IS NULL AND reported_email IS NULL)
    )
) STRICT;

CREATE UNIQUE INDEX links_email ON links (email_key) WHERE email_key IS NOT NULL;
CREATE UNIQUE INDEX links_person ON links (issuer, sub) WHERE sub IS NOT NULL;

-- The foreign key is the guard: no token can lie here for a generation that its link has left.
CREATE TABLE tokens (
    user_id            INTEGER PRIMARY KEY,
    generation         INTEGER NOT NULL,
    serial             INTEGER NOT NULL CHECK (serial >= 1),
    sealed             BLOB    NOT NULL,
    stored_at          INTEGER NOT NULL,
    refresh_started_at INTEGER,
    FOREIGN KEY (user_id, generation) REFERENCES links (user_id, generation)
) STRICT;

-- No foreign key: a token must be revoked even when its user is gone.
CREATE TABLE revocations (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id   INTEGER NOT NULL,
    sealed    BLOB    NOT NULL,
    sealed_as TEXT    NOT NULL,
    queued_at INTEGER NOT NULL,
    attempts  INTEGER NOT NULL CHECK (attempts >= 0)
) STRICT;

CREATE INDEX revocations_next ON revocations (attempts, id);

CREATE TABLE retries (
    key        TEXT    PRIMARY KEY CHECK (key <> ''),
    failures   INTEGER NOT NULL CHECK (failures >= 0),
    reason     TEXT,
    not_before INTEGER NOT NULL,
    set_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tables of one row at most.
CREATE TABLE intent (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT    NOT NULL CHECK (state IN ('run', 'paused')),
    until INTEGER,
    CHECK (state = 'paused' OR until IS NULL)
) STRICT;

CREATE TABLE manager_password (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    hashed       TEXT    NOT NULL CHECK (hashed <> ''),
    failures     INTEGER NOT NULL CHECK (failures >= 0),
    locked_until INTEGER
) STRICT;

CREATE TABLE vault_key (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    kind   TEXT    NOT NULL CHECK (kind IN ('keyring', 'file')),
    key_id TEXT    NOT NULL CHECK (length(key_id) = 8)
) STRICT;

-- This file stands in for a damaged one, until somebody has said that they know.
CREATE TABLE corruption (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    found_at INTEGER NOT NULL
) STRICT;

-- The history names people by login, not by id, and outlives them.
CREATE TABLE history (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    subject      TEXT    NOT NULL,
    before_state TEXT    NOT NULL,
    after_state  TEXT    NOT NULL,
    reason       TEXT,
    duration_s   REAL
) STRICT;

CREATE INDEX history_at ON history (at);
CREATE INDEX history_subject ON history (subject, at);
