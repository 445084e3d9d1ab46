-- Work on many people or assignments at once (SPEC ASG-2): what is to be done, how far it is, and who is at it.
CREATE TABLE bulk_works (
    id TEXT NOT NULL PRIMARY KEY,
    package_id TEXT NOT NULL REFERENCES packages (id),
    kind TEXT NOT NULL CHECK (kind IN ('assign', 'remove', 'changeEnd')),
    params TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'waiting', 'running', 'done', 'canceled', 'failed')),
    note TEXT NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    due_at INTEGER,
    lease_token TEXT
) STRICT;
CREATE INDEX bulk_works_state_due_at_idx ON bulk_works (state, due_at);
CREATE INDEX bulk_works_package_id_created_at_idx ON bulk_works (package_id, created_at);
CREATE INDEX bulk_works_created_by_idx ON bulk_works (created_by);

CREATE TABLE bulk_rows (
    work_id TEXT NOT NULL REFERENCES bulk_works (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    typed TEXT NOT NULL,
    subject_id TEXT REFERENCES users (id),
    assignment_id TEXT REFERENCES assignments (id),
    details TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'skipped', 'refused', 'failed')),
    words TEXT NOT NULL,
    request_id TEXT REFERENCES requests (id),
    PRIMARY KEY (work_id, position)
) STRICT;
CREATE INDEX bulk_rows_work_id_state_idx ON bulk_rows (work_id, state, position);

-- Assigned without telling the person (SPEC ASG-4).
ALTER TABLE requests ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0 CHECK (quiet IN (0, 1));

-- How often a schedule's turn comes, as the program that runs it says.
ALTER TABLE schedules ADD COLUMN every_seconds INTEGER;
