DELETE FROM votes WHERE superseded_at IS NOT NULL;
DROP INDEX votes_request_id_stage_on_behalf_of_key;
CREATE UNIQUE INDEX votes_request_id_stage_on_behalf_of_key ON votes (request_id, stage, on_behalf_of);
DROP INDEX votes_request_id_stage_approver_id_key;
CREATE UNIQUE INDEX votes_request_id_stage_approver_id_key ON votes (request_id, stage, approver_id);
ALTER TABLE votes DROP COLUMN superseded_at;
DROP TABLE change_requests;
DROP TABLE request_comments;
