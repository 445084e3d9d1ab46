-- What somebody has typed into the package wizard and not finished (SPEC PKG-6).

CREATE TABLE package_drafts (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    catalog_id uuid NOT NULL REFERENCES catalogs (id) ON DELETE CASCADE,
    step integer NOT NULL,
    fields jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, catalog_id)
);
