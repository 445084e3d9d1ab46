-- The conversation about a request, changes that an approver asks for, and votes on an earlier text (SPEC REQ-9).

CREATE TABLE request_comments (
    id uuid NOT NULL PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    author_id uuid NOT NULL REFERENCES users (id),
    author_as text NOT NULL CHECK (author_as IN ('requestor', 'approver', 'manager')),
    text text NOT NULL,
    at timestamptz NOT NULL,
    submit_token text UNIQUE
);
CREATE INDEX request_comments_request_id_at_idx ON request_comments (request_id, at);

CREATE TABLE change_requests (
    id uuid NOT NULL PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage integer NOT NULL,
    asked_by uuid NOT NULL REFERENCES users (id),
    text text NOT NULL,
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('sentBack', 'overtaken'))
);
CREATE UNIQUE INDEX change_requests_request_id_key ON change_requests (request_id) WHERE ended_at IS NULL;
CREATE INDEX change_requests_request_id_asked_at_idx ON change_requests (request_id, asked_at);

-- Votes on an earlier text stay, and do not count any more.
ALTER TABLE votes ADD COLUMN superseded_at timestamptz;
DROP INDEX votes_request_id_stage_approver_id_key;
CREATE UNIQUE INDEX votes_request_id_stage_approver_id_key ON votes (request_id, stage, approver_id) WHERE superseded_at IS NULL;
DROP INDEX IF EXISTS votes_request_id_stage_on_behalf_of_key;
CREATE UNIQUE INDEX votes_request_id_stage_on_behalf_of_key ON votes (request_id, stage, on_behalf_of) WHERE superseded_at IS NULL;
