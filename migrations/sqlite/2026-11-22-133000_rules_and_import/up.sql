-- Who follows a membership rule: dynamic groups (SPEC DIR-4) and policies of automatic assignment (SPEC AUT-3).
CREATE TABLE rule_followers (
    target_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('group', 'policy')),
    state TEXT NOT NULL CHECK (state IN ('following', 'stopped', 'paused')),
    -- Everybody has to be looked at; how far that is.
    whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
    reached TEXT,
    stopped_at INTEGER,
    looked_at INTEGER,
    version INTEGER NOT NULL
) STRICT;

-- Who is to gain or lose something by a rule, from when on.
CREATE TABLE rule_changes (
    target_id TEXT NOT NULL REFERENCES rule_followers (target_id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    gains INTEGER NOT NULL CHECK (gains IN (0, 1)),
    -- Passed the safety threshold, or was confirmed (SPEC AUT-4).
    released INTEGER NOT NULL CHECK (released IN (0, 1)),
    noticed_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    -- Why it could not be done the last time.
    problem TEXT,
    PRIMARY KEY (target_id, user_id)
) STRICT;
CREATE INDEX rule_changes_released_due_at_idx ON rule_changes (released, due_at);

-- People about whom something changed since the rules were looked at.
CREATE TABLE rule_touched (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mark TEXT NOT NULL,
    PRIMARY KEY (user_id, mark)
) STRICT;

-- Files of users that somebody wants to import (SPEC DIR-3).
CREATE TABLE user_imports (
    id TEXT NOT NULL PRIMARY KEY,
    file_name TEXT NOT NULL,
    content TEXT NOT NULL,
    invite INTEGER NOT NULL CHECK (invite IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('previewed', 'waiting', 'done', 'refused')),
    -- What the preview said; another fingerprint means that the directory changed since.
    fingerprint TEXT NOT NULL,
    result TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX user_imports_created_at_idx ON user_imports (created_at);
