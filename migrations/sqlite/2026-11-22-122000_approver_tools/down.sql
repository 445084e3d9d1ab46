DROP INDEX requests_package_id_decided_at_idx;
ALTER TABLE votes DROP COLUMN allowed_end;
ALTER TABLE votes DROP COLUMN allowed_start;
