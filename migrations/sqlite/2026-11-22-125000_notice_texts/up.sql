-- Texts that an administrator wrote in place of the portal's own, one row per kind of notice. An empty text is the
-- portal's own; a reset row stays, so that its version only ever grows.
CREATE TABLE notice_texts (
    kind TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    heading TEXT NOT NULL,
    opening TEXT NOT NULL,
    closing TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT REFERENCES users (id),
    version INTEGER NOT NULL
) STRICT;

-- When the next daily mail of those who chose it is due.
CREATE TABLE digests (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    next_at INTEGER NOT NULL
) STRICT;
CREATE INDEX digests_next_at_idx ON digests (next_at);

-- Why the changed text of this notice could not be used.
ALTER TABLE notices ADD COLUMN text_problem TEXT;
