-- What the owners of a resource have to do by hand (SPEC DLV-6).
CREATE TABLE fulfilment_tasks (
    id TEXT NOT NULL PRIMARY KEY,
    resource_id TEXT NOT NULL REFERENCES resources (id),
    resource_role_id TEXT NOT NULL REFERENCES resource_roles (id),
    subject_id TEXT NOT NULL REFERENCES users (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    action TEXT NOT NULL CHECK (action IN ('grant', 'revoke')),
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cannot', 'canceled')),
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    remind_at INTEGER,
    taken_by TEXT REFERENCES users (id),
    closed_by TEXT REFERENCES users (id),
    closed_at INTEGER,
    reason TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
-- One thing to do at a time for a role and a person, however many packages want it (SPEC DLV-4).
CREATE UNIQUE INDEX fulfilment_tasks_resource_role_id_subject_id_key ON fulfilment_tasks (resource_role_id, subject_id) WHERE state = 'open';
CREATE INDEX fulfilment_tasks_resource_id_state_idx ON fulfilment_tasks (resource_id, state);
CREATE INDEX fulfilment_tasks_state_remind_at_idx ON fulfilment_tasks (state, remind_at);
CREATE INDEX fulfilment_tasks_subject_id_idx ON fulfilment_tasks (subject_id);
CREATE INDEX fulfilment_tasks_request_id_idx ON fulfilment_tasks (request_id);
CREATE INDEX fulfilment_tasks_closed_by_idx ON fulfilment_tasks (closed_by);
