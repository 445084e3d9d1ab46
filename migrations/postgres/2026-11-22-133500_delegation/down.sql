DROP TABLE catalog_handovers;
ALTER TABLE resource_owners DROP COLUMN added_at;
