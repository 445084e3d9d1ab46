-- The foundation: directory, catalogs, packages, policies, requests, assignments, delivery, outbox, audit.
-- Instants are microseconds since 1970 UTC, ids lower-case UUID text, booleans 0 or 1, JSON text.

CREATE TABLE connected_organizations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('configured', 'proposed')),
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE organization_domains (
    domain TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES connected_organizations (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX organization_domains_organization_id_idx ON organization_domains (organization_id);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    display_name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    search_folded TEXT NOT NULL,
    given_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('member', 'guest')),
    department TEXT NOT NULL,
    job_title TEXT NOT NULL,
    company TEXT NOT NULL,
    office TEXT NOT NULL,
    country TEXT NOT NULL,
    employee_id TEXT NOT NULL,
    hired_on TEXT,
    manager_id TEXT REFERENCES users (id),
    time_zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    extension TEXT NOT NULL,
    notice_preferences TEXT NOT NULL DEFAULT '{}',
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    source TEXT NOT NULL CHECK (source IN ('local', 'csv', 'oidc', 'scim', 'ldap')),
    organization_id TEXT REFERENCES connected_organizations (id),
    password_hash TEXT,
    password_changed_at INTEGER,
    created_at INTEGER NOT NULL,
    last_sign_in_at INTEGER,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_email_folded_key ON users (email_folded) WHERE deleted_at IS NULL;
CREATE INDEX users_manager_id_idx ON users (manager_id);
CREATE INDEX users_name_folded_id_idx ON users (name_folded, id);

CREATE TABLE user_sponsors (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sponsor_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, sponsor_id)
) STRICT;
CREATE INDEX user_sponsors_sponsor_id_idx ON user_sponsors (sponsor_id);

CREATE TABLE organization_sponsors (
    organization_id TEXT NOT NULL REFERENCES connected_organizations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    internal INTEGER NOT NULL CHECK (internal IN (0, 1)),
    PRIMARY KEY (organization_id, user_id)
) STRICT;
CREATE INDEX organization_sponsors_user_id_idx ON organization_sponsors (user_id);

CREATE TABLE groups (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('assigned', 'dynamic')),
    membership_rule TEXT,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX groups_name_folded_key ON groups (name_folded) WHERE deleted_at IS NULL;

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX group_members_user_id_idx ON group_members (user_id);

CREATE TABLE group_owners (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX group_owners_user_id_idx ON group_owners (user_id);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    key_hash TEXT NOT NULL UNIQUE,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    ip TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE account_links (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'passwordReset', 'setUp')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX account_links_user_id_idx ON account_links (user_id);

CREATE TABLE account_link_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES account_links (id) ON DELETE CASCADE,
    issued_at INTEGER NOT NULL
) STRICT;
CREATE INDEX account_link_tokens_link_id_idx ON account_link_tokens (link_id);

CREATE TABLE sign_in_failures (
    key TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    window_started_at INTEGER NOT NULL,
    blocked_until INTEGER
) STRICT;

CREATE TABLE directory_role_grants (
    id TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'auditor', 'catalogCreator', 'organizationAdministrator')),
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    group_id TEXT REFERENCES groups (id) ON DELETE CASCADE,
    granted_by TEXT REFERENCES users (id),
    granted_at INTEGER NOT NULL,
    CHECK ((user_id IS NULL) <> (group_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX directory_role_grants_role_user_id_key ON directory_role_grants (role, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX directory_role_grants_role_group_id_key ON directory_role_grants (role, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX directory_role_grants_user_id_idx ON directory_role_grants (user_id);
CREATE INDEX directory_role_grants_group_id_idx ON directory_role_grants (group_id);

CREATE TABLE catalogs (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('published', 'unpublished')),
    external_enabled INTEGER NOT NULL CHECK (external_enabled IN (0, 1)),
    built_in INTEGER NOT NULL CHECK (built_in IN (0, 1)),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX catalogs_name_folded_key ON catalogs (name_folded) WHERE deleted_at IS NULL;

CREATE TABLE catalog_role_grants (
    id TEXT NOT NULL PRIMARY KEY,
    catalog_id TEXT NOT NULL REFERENCES catalogs (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'packageManager', 'assignmentManager', 'reader')),
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    group_id TEXT REFERENCES groups (id) ON DELETE CASCADE,
    granted_by TEXT REFERENCES users (id),
    granted_at INTEGER NOT NULL,
    CHECK ((user_id IS NULL) <> (group_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX catalog_role_grants_catalog_id_role_user_id_key ON catalog_role_grants (catalog_id, role, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX catalog_role_grants_catalog_id_role_group_id_key ON catalog_role_grants (catalog_id, role, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX catalog_role_grants_user_id_idx ON catalog_role_grants (user_id);
CREATE INDEX catalog_role_grants_group_id_idx ON catalog_role_grants (group_id);

CREATE TABLE resources (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('group', 'application', 'site')),
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    usage_text TEXT NOT NULL,
    link TEXT NOT NULL,
    connector TEXT NOT NULL CHECK (connector IN ('directory', 'manual', 'webhook', 'ldap', 'scim')),
    connector_settings TEXT NOT NULL,
    group_id TEXT REFERENCES groups (id),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX resources_kind_name_folded_key ON resources (kind, name_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX resources_group_id_key ON resources (group_id) WHERE group_id IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE resource_owners (
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (resource_id, user_id)
) STRICT;
CREATE INDEX resource_owners_user_id_idx ON resource_owners (user_id);

CREATE TABLE resource_roles (
    id TEXT NOT NULL PRIMARY KEY,
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    group_role TEXT CHECK (group_role IN ('member', 'owner')),
    position INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX resource_roles_resource_id_name_folded_key ON resource_roles (resource_id, name_folded) WHERE deleted_at IS NULL;

CREATE TABLE catalog_resources (
    catalog_id TEXT NOT NULL REFERENCES catalogs (id) ON DELETE CASCADE,
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    added_by TEXT REFERENCES users (id),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, resource_id)
) STRICT;
CREATE INDEX catalog_resources_resource_id_idx ON catalog_resources (resource_id);

CREATE TABLE packages (
    id TEXT NOT NULL PRIMARY KEY,
    catalog_id TEXT NOT NULL REFERENCES catalogs (id),
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    search_folded TEXT NOT NULL,
    hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX packages_catalog_id_name_folded_key ON packages (catalog_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX packages_name_folded_id_idx ON packages (name_folded, id);

CREATE TABLE package_roles (
    package_id TEXT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    resource_role_id TEXT NOT NULL REFERENCES resource_roles (id),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (package_id, resource_role_id)
) STRICT;
CREATE INDEX package_roles_resource_role_id_idx ON package_roles (resource_role_id);

CREATE TABLE package_conflicts (
    id TEXT NOT NULL PRIMARY KEY,
    package_id TEXT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    other_package_id TEXT REFERENCES packages (id) ON DELETE CASCADE,
    group_id TEXT REFERENCES groups (id) ON DELETE CASCADE,
    CHECK ((other_package_id IS NULL) <> (group_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX package_conflicts_package_id_other_package_id_key ON package_conflicts (package_id, other_package_id) WHERE other_package_id IS NOT NULL;
CREATE UNIQUE INDEX package_conflicts_package_id_group_id_key ON package_conflicts (package_id, group_id) WHERE group_id IS NOT NULL;

CREATE TABLE policies (
    id TEXT NOT NULL PRIMARY KEY,
    package_id TEXT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    scope_kind TEXT NOT NULL CHECK (scope_kind IN ('specific', 'allMembers', 'allUsers', 'organizations', 'allOrganizations', 'anyone', 'nobody', 'automatic')),
    current_version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX policies_package_id_name_folded_key ON policies (package_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX policies_package_id_position_idx ON policies (package_id, position);

CREATE TABLE policy_versions (
    policy_id TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    terms TEXT NOT NULL,
    created_by TEXT REFERENCES users (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (policy_id, number)
) STRICT;

CREATE TABLE policy_scope_users (
    policy_id TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (policy_id, user_id)
) STRICT;
CREATE INDEX policy_scope_users_user_id_idx ON policy_scope_users (user_id);

CREATE TABLE policy_scope_groups (
    policy_id TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL REFERENCES groups (id),
    PRIMARY KEY (policy_id, group_id)
) STRICT;
CREATE INDEX policy_scope_groups_group_id_idx ON policy_scope_groups (group_id);

CREATE TABLE policy_scope_organizations (
    policy_id TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL REFERENCES connected_organizations (id),
    PRIMARY KEY (policy_id, organization_id)
) STRICT;
CREATE INDEX policy_scope_organizations_organization_id_idx ON policy_scope_organizations (organization_id);

CREATE TABLE assignments (
    id TEXT NOT NULL PRIMARY KEY,
    package_id TEXT NOT NULL REFERENCES packages (id),
    policy_id TEXT NOT NULL REFERENCES policies (id),
    policy_version INTEGER NOT NULL,
    subject_id TEXT NOT NULL REFERENCES users (id),
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'delivering', 'delivered', 'partiallyDelivered', 'deliveryFailed', 'expired')),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT CHECK (end_reason IN ('time', 'removedByUser', 'removedByManager', 'removedByAdministrator', 'removedByApprover', 'review', 'policyScope', 'account')),
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX assignments_subject_id_package_id_key ON assignments (subject_id, package_id) WHERE state <> 'expired';
CREATE INDEX assignments_package_id_state_idx ON assignments (package_id, state);
CREATE INDEX assignments_subject_id_state_idx ON assignments (subject_id, state);
CREATE INDEX assignments_policy_id_idx ON assignments (policy_id);
CREATE INDEX assignments_state_ends_at_idx ON assignments (state, ends_at);
CREATE INDEX assignments_state_starts_at_idx ON assignments (state, starts_at);

CREATE TABLE requests (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('userAdd', 'userUpdate', 'userRemove', 'onBehalfAdd', 'adminAdd', 'adminUpdate', 'adminRemove', 'systemAdd', 'systemUpdate', 'systemRemove', 'approverRemove')),
    package_id TEXT NOT NULL REFERENCES packages (id),
    policy_id TEXT NOT NULL REFERENCES policies (id),
    policy_version INTEGER NOT NULL,
    requestor_id TEXT REFERENCES users (id),
    subject_id TEXT NOT NULL REFERENCES users (id),
    assignment_id TEXT REFERENCES assignments (id),
    state TEXT NOT NULL CHECK (state IN ('submitted', 'waitingForCallback', 'pendingApproval', 'scheduled', 'delivering', 'delivered', 'partiallyDelivered', 'deliveryFailed', 'denied', 'expired', 'canceled')),
    stage INTEGER NOT NULL,
    stages INTEGER NOT NULL,
    escalated INTEGER NOT NULL CHECK (escalated IN (0, 1)),
    due_at INTEGER,
    justification TEXT NOT NULL,
    answers TEXT NOT NULL,
    wanted_start INTEGER,
    wanted_end INTEGER,
    submit_token TEXT UNIQUE,
    submitted_at INTEGER NOT NULL,
    decided_at INTEGER,
    completed_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX requests_subject_id_package_id_key ON requests (subject_id, package_id) WHERE state IN ('submitted','waitingForCallback','pendingApproval','scheduled','delivering');
CREATE INDEX requests_requestor_id_submitted_at_idx ON requests (requestor_id, submitted_at);
CREATE INDEX requests_subject_id_submitted_at_idx ON requests (subject_id, submitted_at);
CREATE INDEX requests_package_id_state_idx ON requests (package_id, state);
CREATE INDEX requests_policy_id_idx ON requests (policy_id);
CREATE INDEX requests_assignment_id_idx ON requests (assignment_id);
CREATE INDEX requests_state_due_at_idx ON requests (state, due_at);

CREATE TABLE request_stages (
    request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'pending', 'approved', 'denied', 'expired', 'skipped')),
    circle TEXT CHECK (circle IN ('named', 'fallback', 'catalogOwners', 'administrators')),
    opened_at INTEGER,
    due_at INTEGER,
    remind_at INTEGER,
    closed_at INTEGER,
    PRIMARY KEY (request_id, stage)
) STRICT;
CREATE INDEX request_stages_state_remind_at_idx ON request_stages (state, remind_at);

CREATE TABLE stage_approvers (
    id TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage INTEGER NOT NULL,
    tier TEXT NOT NULL CHECK (tier IN ('named', 'fallback', 'alternate')),
    kind TEXT NOT NULL CHECK (kind IN ('manager', 'user', 'group', 'sponsors', 'internalSponsors', 'externalSponsors', 'resourceOwners', 'catalogOwners')),
    level INTEGER NOT NULL,
    user_id TEXT REFERENCES users (id),
    group_id TEXT REFERENCES groups (id)
) STRICT;
CREATE INDEX stage_approvers_request_id_stage_idx ON stage_approvers (request_id, stage);
CREATE INDEX stage_approvers_user_id_idx ON stage_approvers (user_id);
CREATE INDEX stage_approvers_group_id_idx ON stage_approvers (group_id);

CREATE TABLE votes (
    id TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage INTEGER NOT NULL,
    approver_id TEXT NOT NULL REFERENCES users (id),
    on_behalf_of TEXT REFERENCES users (id),
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'deny')),
    reason TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('portal', 'link', 'code')),
    ip TEXT NOT NULL,
    voted_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX votes_request_id_stage_approver_id_key ON votes (request_id, stage, approver_id);
CREATE INDEX votes_approver_id_voted_at_idx ON votes (approver_id, voted_at);

CREATE TABLE request_steps (
    id TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    actor_id TEXT REFERENCES users (id),
    step TEXT NOT NULL
) STRICT;
CREATE INDEX request_steps_request_id_id_idx ON request_steps (request_id, id);

CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    assignment_id TEXT NOT NULL REFERENCES assignments (id) ON DELETE CASCADE,
    resource_role_id TEXT NOT NULL REFERENCES resource_roles (id),
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'removing', 'removed')),
    error TEXT,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX deliveries_assignment_id_resource_role_id_key ON deliveries (assignment_id, resource_role_id);
CREATE INDEX deliveries_resource_role_id_state_idx ON deliveries (resource_role_id, state);
CREATE INDEX deliveries_state_due_at_idx ON deliveries (state, due_at);

CREATE TABLE role_holdings (
    resource_role_id TEXT NOT NULL REFERENCES resource_roles (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    since INTEGER NOT NULL,
    PRIMARY KEY (resource_role_id, user_id)
) STRICT;
CREATE INDEX role_holdings_user_id_idx ON role_holdings (user_id);

CREATE TABLE decision_links (
    id TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage INTEGER NOT NULL,
    approver_id TEXT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    request_version INTEGER NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('signIn', 'code', 'noticeOnly')),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER,
    seen TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX decision_links_request_id_stage_idx ON decision_links (request_id, stage);

CREATE TABLE decision_codes (
    id TEXT NOT NULL PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES decision_links (id) ON DELETE CASCADE,
    code_hash TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX decision_codes_link_id_created_at_idx ON decision_codes (link_id, created_at);

CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    notice TEXT NOT NULL,
    recipient_id TEXT REFERENCES users (id),
    address TEXT NOT NULL,
    display_name TEXT NOT NULL,
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    request_id TEXT REFERENCES requests (id) ON DELETE CASCADE,
    not_before INTEGER NOT NULL,
    dedupe_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dropped', 'failed')),
    attempts INTEGER NOT NULL,
    lease_token TEXT,
    lease_until INTEGER,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    last_error TEXT,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL
) STRICT;
CREATE INDEX notices_state_not_before_idx ON notices (state, not_before);
CREATE INDEX notices_request_id_idx ON notices (request_id);
CREATE INDEX notices_created_at_id_idx ON notices (created_at, id);

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedupe_key TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease_token TEXT,
    lease_until INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    last_error TEXT
) STRICT;
CREATE UNIQUE INDEX jobs_dedupe_key_key ON jobs (dedupe_key) WHERE state IN ('waiting','running');
CREATE INDEX jobs_state_run_at_idx ON jobs (state, run_at);

CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    next_run_at INTEGER NOT NULL,
    last_run_at INTEGER,
    last_result TEXT
) STRICT;

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_events (
    seq INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    origin TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    object_name TEXT NOT NULL,
    subject_id TEXT,
    old_values TEXT NOT NULL,
    new_values TEXT NOT NULL,
    reason TEXT NOT NULL,
    correlation TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_object_kind_object_id_idx ON audit_events (object_kind, object_id);
CREATE INDEX audit_events_at_idx ON audit_events (at);

CREATE TABLE audit_head (
    id INTEGER NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
-- The end of an empty chain: writers wait for each other at this row from the first event on.
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
