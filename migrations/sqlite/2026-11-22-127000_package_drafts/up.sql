-- What somebody has typed into the package wizard and not finished (SPEC PKG-6).

CREATE TABLE package_drafts (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    catalog_id TEXT NOT NULL REFERENCES catalogs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    fields TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, catalog_id)
) STRICT;
