-- The e-mail that an imported list gives a user who is not linked yet: it fills in *Usuário no ONVIO*.

ALTER TABLE links ADD COLUMN expected_email TEXT
    CHECK (expected_email IS NULL OR (sub IS NULL AND expected_email <> ''));

-- ONVIO has a document of that access key (EA10): which of ours was it?

CREATE INDEX sync_documents_at_onvio ON sync_documents (client_id, access_key)
    WHERE access_key IS NOT NULL AND state IN ('stored', 'duplicate');
