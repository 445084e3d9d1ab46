-- Work on many people or assignments at once (SPEC ASG-2): what is to be done, how far it is, and who is at it.
CREATE TABLE bulk_works (
    id uuid NOT NULL PRIMARY KEY,
    package_id uuid NOT NULL REFERENCES packages (id),
    kind text NOT NULL CHECK (kind IN ('assign', 'remove', 'changeEnd')),
    params jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'waiting', 'running', 'done', 'canceled', 'failed')),
    note text NOT NULL,
    total integer NOT NULL,
    done integer NOT NULL,
    skipped integer NOT NULL,
    refused integer NOT NULL,
    failed integer NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    due_at timestamptz,
    lease_token uuid
);
CREATE INDEX bulk_works_state_due_at_idx ON bulk_works (state, due_at);
CREATE INDEX bulk_works_package_id_created_at_idx ON bulk_works (package_id, created_at);
CREATE INDEX bulk_works_created_by_idx ON bulk_works (created_by);

CREATE TABLE bulk_rows (
    work_id uuid NOT NULL REFERENCES bulk_works (id) ON DELETE CASCADE,
    position integer NOT NULL,
    typed text NOT NULL,
    subject_id uuid REFERENCES users (id),
    assignment_id uuid REFERENCES assignments (id),
    details jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'skipped', 'refused', 'failed')),
    words text NOT NULL,
    request_id uuid REFERENCES requests (id),
    PRIMARY KEY (work_id, position)
);
CREATE INDEX bulk_rows_work_id_state_idx ON bulk_rows (work_id, state, position);

-- Assigned without telling the person (SPEC ASG-4).
ALTER TABLE requests ADD COLUMN quiet boolean NOT NULL DEFAULT false;

-- How often a schedule's turn comes, as the program that runs it says.
ALTER TABLE schedules ADD COLUMN every_seconds integer;
