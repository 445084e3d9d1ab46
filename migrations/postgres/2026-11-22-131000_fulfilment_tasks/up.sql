-- What the owners of a resource have to do by hand (SPEC DLV-6).
CREATE TABLE fulfilment_tasks (
    id uuid NOT NULL PRIMARY KEY,
    resource_id uuid NOT NULL REFERENCES resources (id),
    resource_role_id uuid NOT NULL REFERENCES resource_roles (id),
    subject_id uuid NOT NULL REFERENCES users (id),
    request_id uuid NOT NULL REFERENCES requests (id),
    action text NOT NULL CHECK (action IN ('grant', 'revoke')),
    state text NOT NULL CHECK (state IN ('open', 'done', 'cannot', 'canceled')),
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    remind_at timestamptz,
    taken_by uuid REFERENCES users (id),
    closed_by uuid REFERENCES users (id),
    closed_at timestamptz,
    reason text NOT NULL,
    version bigint NOT NULL
);
-- One thing to do at a time for a role and a person, however many packages want it (SPEC DLV-4).
CREATE UNIQUE INDEX fulfilment_tasks_resource_role_id_subject_id_key ON fulfilment_tasks (resource_role_id, subject_id) WHERE state = 'open';
CREATE INDEX fulfilment_tasks_resource_id_state_idx ON fulfilment_tasks (resource_id, state);
CREATE INDEX fulfilment_tasks_state_remind_at_idx ON fulfilment_tasks (state, remind_at);
CREATE INDEX fulfilment_tasks_subject_id_idx ON fulfilment_tasks (subject_id);
CREATE INDEX fulfilment_tasks_request_id_idx ON fulfilment_tasks (request_id);
CREATE INDEX fulfilment_tasks_closed_by_idx ON fulfilment_tasks (closed_by);
