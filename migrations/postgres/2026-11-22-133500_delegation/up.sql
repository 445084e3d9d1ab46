-- Since when somebody owns a resource (SPEC ROL-7). Who did before this was kept has done so since the resource was made.
ALTER TABLE resource_owners ADD COLUMN added_at timestamptz;
UPDATE resource_owners SET added_at = (SELECT created_at FROM resources WHERE resources.id = resource_owners.resource_id);

-- How far the path is on which a catalog is handed to a department.
CREATE TABLE catalog_handovers (
    catalog_id uuid NOT NULL PRIMARY KEY REFERENCES catalogs (id) ON DELETE CASCADE,
    owners text NOT NULL CHECK (owners IN ('open', 'done', 'skipped')),
    resources text NOT NULL CHECK (resources IN ('open', 'done', 'skipped')),
    managers text NOT NULL CHECK (managers IN ('open', 'done', 'skipped')),
    started_at timestamptz NOT NULL
);
