-- Texts that an administrator wrote in place of the portal's own, one row per kind of notice. An empty text is the
-- portal's own; a reset row stays, so that its version only ever grows.
CREATE TABLE notice_texts (
    kind text NOT NULL PRIMARY KEY,
    subject text NOT NULL,
    heading text NOT NULL,
    opening text NOT NULL,
    closing text NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid REFERENCES users (id),
    version bigint NOT NULL
);

-- When the next daily mail of those who chose it is due.
CREATE TABLE digests (
    user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    next_at timestamptz NOT NULL
);
CREATE INDEX digests_next_at_idx ON digests (next_at);

-- Why the changed text of this notice could not be used.
ALTER TABLE notices ADD COLUMN text_problem text;
