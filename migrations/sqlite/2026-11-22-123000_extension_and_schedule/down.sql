DROP INDEX assignments_state_remind_at_idx;
ALTER TABLE requests DROP COLUMN changes;
ALTER TABLE assignments DROP COLUMN remind_at;
