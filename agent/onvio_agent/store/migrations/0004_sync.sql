-- Fiscal documents on their way to ONVIO. Instants that somebody waits for lie on the clock that cannot
-- be set (seconds, of the machine's own run): due_mono, with set_mono to tell another run by.

CREATE TABLE sync_clients (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: the sealed key names it
    name     TEXT    NOT NULL CHECK (name <> ''),
    name_key TEXT    NOT NULL CHECK (name_key <> ''),
    cnpj     TEXT    NOT NULL CHECK (length(cnpj) = 14),
    folder   TEXT    NOT NULL CHECK (folder <> ''),
    told     TEXT    NOT NULL,  -- ONVIO's answer about the key, as it came
    sealed   BLOB    NOT NULL,
    paused   INTEGER NOT NULL CHECK (paused IN (0, 1)),
    trouble  TEXT,
    added_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX sync_clients_name ON sync_clients (name_key);
CREATE UNIQUE INDEX sync_clients_cnpj ON sync_clients (cnpj);
CREATE UNIQUE INDEX sync_clients_folder ON sync_clients (folder);

CREATE TABLE sync_documents (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id   INTEGER NOT NULL REFERENCES sync_clients (id),
    name        TEXT    NOT NULL CHECK (name <> ''),
    sha256      TEXT,  -- NULL: too large to be read
    kind        TEXT,
    access_key  TEXT,
    state       TEXT    NOT NULL CHECK (state IN
        ('queued', 'sending', 'accepted', 'waiting', 'stored', 'duplicate', 'refused')),
    reason      TEXT,
    fields      TEXT    NOT NULL,
    batch_id    TEXT,
    attempts    INTEGER NOT NULL CHECK (attempts >= 0),
    polls       INTEGER NOT NULL CHECK (polls >= 0),
    queued_at   INTEGER NOT NULL,
    finished_at INTEGER,
    due_mono    REAL    NOT NULL,
    set_mono    REAL    NOT NULL,
    CHECK ((finished_at IS NOT NULL) = (state IN ('stored', 'duplicate', 'refused')))
) STRICT;

CREATE UNIQUE INDEX sync_documents_content ON sync_documents (client_id, sha256)
    WHERE sha256 IS NOT NULL;
CREATE INDEX sync_documents_open ON sync_documents (client_id, id)
    WHERE state IN ('queued', 'sending', 'accepted', 'waiting');
CREATE INDEX sync_documents_due ON sync_documents (due_mono)
    WHERE state IN ('queued', 'accepted', 'waiting');
CREATE INDEX sync_documents_key ON sync_documents (client_id, access_key)
    WHERE access_key IS NOT NULL AND state IN ('queued', 'sending', 'accepted', 'waiting');
CREATE INDEX sync_documents_done ON sync_documents (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX sync_documents_queued ON sync_documents (queued_at)
    WHERE state IN ('queued', 'sending', 'accepted', 'waiting');

-- What was taken in, byte for byte, until it has been stored for a while.
CREATE TABLE sync_bytes (
    document_id INTEGER PRIMARY KEY REFERENCES sync_documents (id),
    data        BLOB NOT NULL
) STRICT;

-- Files of the folders whose documents are on their way; a row goes when its file has been put away.
CREATE TABLE sync_files (
    client_id   INTEGER NOT NULL REFERENCES sync_clients (id),
    path        TEXT    NOT NULL CHECK (path <> ''),
    document_id INTEGER NOT NULL REFERENCES sync_documents (id),
    sha256      TEXT,  -- of the file itself, which may be a .zip; NULL: too large
    size        INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    PRIMARY KEY (client_id, path, document_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sync_files_document ON sync_files (document_id);

CREATE TABLE sync_counts (
    state TEXT    PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sync_counts (state, count) VALUES
    ('queued', 0), ('sending', 0), ('accepted', 0), ('waiting', 0),
    ('stored', 0), ('duplicate', 0), ('refused', 0);

CREATE TRIGGER sync_documents_added AFTER INSERT ON sync_documents BEGIN
    UPDATE sync_counts SET count = count + 1 WHERE state = NEW.state;
END;
CREATE TRIGGER sync_documents_moved AFTER UPDATE OF state ON sync_documents
    WHEN OLD.state <> NEW.state BEGIN
    UPDATE sync_counts SET count = count - 1 WHERE state = OLD.state;
    UPDATE sync_counts SET count = count + 1 WHERE state = NEW.state;
END;
CREATE TRIGGER sync_documents_dropped AFTER DELETE ON sync_documents BEGIN
    UPDATE sync_counts SET count = count - 1 WHERE state = OLD.state;
END;

-- The program's own token, and each request for one: too many block the whole office.
CREATE TABLE sync_token (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    sealed     BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    due_mono   REAL    NOT NULL,
    set_mono   REAL    NOT NULL
) STRICT;

CREATE TABLE sync_token_requests (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    mono REAL    NOT NULL
) STRICT;
