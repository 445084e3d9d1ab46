-- Who follows a membership rule: dynamic groups (SPEC DIR-4) and policies of automatic assignment (SPEC AUT-3).
CREATE TABLE rule_followers (
    target_id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('group', 'policy')),
    state text NOT NULL CHECK (state IN ('following', 'stopped', 'paused')),
    -- Everybody has to be looked at; how far that is.
    whole boolean NOT NULL,
    reached uuid,
    stopped_at timestamptz,
    looked_at timestamptz,
    version bigint NOT NULL
);

-- Who is to gain or lose something by a rule, from when on.
CREATE TABLE rule_changes (
    target_id uuid NOT NULL REFERENCES rule_followers (target_id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    gains boolean NOT NULL,
    -- Passed the safety threshold, or was confirmed (SPEC AUT-4).
    released boolean NOT NULL,
    noticed_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    -- Why it could not be done the last time.
    problem text,
    PRIMARY KEY (target_id, user_id)
);
CREATE INDEX rule_changes_released_due_at_idx ON rule_changes (released, due_at);

-- People about whom something changed since the rules were looked at.
CREATE TABLE rule_touched (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mark text NOT NULL,
    PRIMARY KEY (user_id, mark)
);

-- Files of users that somebody wants to import (SPEC DIR-3).
CREATE TABLE user_imports (
    id uuid NOT NULL PRIMARY KEY,
    file_name text NOT NULL,
    content text NOT NULL,
    invite boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('previewed', 'waiting', 'done', 'refused')),
    -- What the preview said; another fingerprint means that the directory changed since.
    fingerprint text NOT NULL,
    result text NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    version bigint NOT NULL
);
CREATE INDEX user_imports_created_at_idx ON user_imports (created_at);
