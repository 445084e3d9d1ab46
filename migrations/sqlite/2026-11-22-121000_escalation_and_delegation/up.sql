-- Escalation (SPEC APR-4) and delegation while away (SPEC APR-11).

ALTER TABLE request_stages ADD COLUMN escalate_at INTEGER;
ALTER TABLE request_stages ADD COLUMN escalated_at INTEGER;
CREATE INDEX request_stages_state_escalate_at_idx ON request_stages (state, escalate_at);

-- Whose place is taken counts once per stage, whoever of the delegates takes it.
CREATE UNIQUE INDEX votes_request_id_stage_on_behalf_of_key ON votes (request_id, stage, on_behalf_of);
CREATE INDEX votes_on_behalf_of_voted_at_idx ON votes (on_behalf_of, voted_at);

CREATE TABLE delegations (
    id TEXT NOT NULL PRIMARY KEY,
    delegator_id TEXT NOT NULL REFERENCES users (id),
    delegate_id TEXT NOT NULL REFERENCES users (id),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX delegations_delegator_id_ends_at_idx ON delegations (delegator_id, ends_at);
CREATE INDEX delegations_delegate_id_ends_at_idx ON delegations (delegate_id, ends_at);
