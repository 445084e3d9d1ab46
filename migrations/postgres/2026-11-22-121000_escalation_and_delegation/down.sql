DROP TABLE delegations;
DROP INDEX votes_on_behalf_of_voted_at_idx;
DROP INDEX votes_request_id_stage_on_behalf_of_key;
DROP INDEX request_stages_state_escalate_at_idx;
ALTER TABLE request_stages DROP COLUMN escalated_at;
ALTER TABLE request_stages DROP COLUMN escalate_at;
