DROP TABLE package_changes;
DROP TABLE delivery_attempts;
DROP TABLE webhook_targets;
DROP TABLE delivery_lanes;
DROP INDEX deliveries_due_at_idx;
ALTER TABLE deliveries DROP COLUMN trying_since;
ALTER TABLE deliveries DROP COLUMN tries;
