-- How often a role was tried in the present series of attempts, and since when: the series ends after a day.
ALTER TABLE deliveries ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN trying_since INTEGER;
CREATE INDEX deliveries_due_at_idx ON deliveries (due_at) WHERE due_at IS NOT NULL;

-- One row for each role and person whose delivery leaves the portal: orders pass through it one at a time, and each
-- has a greater sequence number than the one before.
CREATE TABLE delivery_lanes (
    resource_role_id TEXT NOT NULL REFERENCES resource_roles (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    sequence INTEGER NOT NULL,
    order_id TEXT,
    delivery_id TEXT REFERENCES deliveries (id) ON DELETE CASCADE,
    action TEXT CHECK (action IN ('grant', 'revoke')),
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    lease_token TEXT,
    lease_until INTEGER,
    answer_due_at INTEGER,
    version INTEGER NOT NULL,
    PRIMARY KEY (resource_role_id, user_id)
) STRICT;
CREATE UNIQUE INDEX delivery_lanes_order_id_key ON delivery_lanes (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX delivery_lanes_user_id_idx ON delivery_lanes (user_id);
CREATE INDEX delivery_lanes_delivery_id_idx ON delivery_lanes (delivery_id);

-- Where the orders of a resource go that is delivered by webhook.
CREATE TABLE webhook_targets (
    resource_id TEXT NOT NULL PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    secret_since INTEGER NOT NULL
) STRICT;

-- What was asked of a target, and what it said: ids and words of the target, nothing about the person.
CREATE TABLE delivery_attempts (
    id TEXT NOT NULL PRIMARY KEY,
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    resource_role_id TEXT REFERENCES resource_roles (id) ON DELETE CASCADE,
    delivery_id TEXT REFERENCES deliveries (id) ON DELETE CASCADE,
    order_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('grant', 'revoke', 'test')),
    by_callback INTEGER NOT NULL CHECK (by_callback IN (0, 1)),
    outcome TEXT NOT NULL CHECK (outcome IN ('sending', 'done', 'pending', 'later', 'refused', 'outdated')),
    status_code INTEGER,
    millis INTEGER,
    message TEXT,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_attempts_resource_id_at_idx ON delivery_attempts (resource_id, at);
CREATE INDEX delivery_attempts_order_id_idx ON delivery_attempts (order_id);
CREATE INDEX delivery_attempts_at_idx ON delivery_attempts (at);
CREATE INDEX delivery_attempts_delivery_id_idx ON delivery_attempts (delivery_id);

-- A change of what a package grants, while it is carried to those who hold the package.
CREATE TABLE package_changes (
    id TEXT NOT NULL PRIMARY KEY,
    package_id TEXT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    author_id TEXT REFERENCES users (id),
    made_at INTEGER NOT NULL,
    roles TEXT NOT NULL,
    reached TEXT,
    finished_at INTEGER
) STRICT;
CREATE INDEX package_changes_package_id_made_at_idx ON package_changes (package_id, made_at);
CREATE INDEX package_changes_made_at_idx ON package_changes (made_at) WHERE finished_at IS NULL;
