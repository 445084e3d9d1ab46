-- The foundation: directory, catalogs, packages, policies, requests, assignments, delivery, outbox, audit.
-- Instants are timestamptz, ids uuid.

CREATE TABLE connected_organizations (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_folded text NOT NULL UNIQUE,
    description text NOT NULL,
    state text NOT NULL CHECK (state IN ('configured', 'proposed')),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE organization_domains (
    domain text NOT NULL PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES connected_organizations (id) ON DELETE CASCADE
);
CREATE INDEX organization_domains_organization_id_idx ON organization_domains (organization_id);

CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    email text NOT NULL,
    email_folded text NOT NULL,
    display_name text NOT NULL,
    name_folded text NOT NULL,
    search_folded text NOT NULL,
    given_name text NOT NULL,
    surname text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('member', 'guest')),
    department text NOT NULL,
    job_title text NOT NULL,
    company text NOT NULL,
    office text NOT NULL,
    country text NOT NULL,
    employee_id text NOT NULL,
    hired_on date,
    manager_id uuid REFERENCES users (id),
    time_zone text NOT NULL,
    locale text NOT NULL,
    extension jsonb NOT NULL,
    notice_preferences jsonb NOT NULL DEFAULT '{}',
    enabled boolean NOT NULL,
    source text NOT NULL CHECK (source IN ('local', 'csv', 'oidc', 'scim', 'ldap')),
    organization_id uuid REFERENCES connected_organizations (id),
    password_hash text,
    password_changed_at timestamptz,
    created_at timestamptz NOT NULL,
    last_sign_in_at timestamptz,
    deleted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX users_email_folded_key ON users (email_folded) WHERE deleted_at IS NULL;
CREATE INDEX users_manager_id_idx ON users (manager_id);
CREATE INDEX users_name_folded_id_idx ON users (name_folded, id);

CREATE TABLE user_sponsors (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sponsor_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, sponsor_id)
);
CREATE INDEX user_sponsors_sponsor_id_idx ON user_sponsors (sponsor_id);

CREATE TABLE organization_sponsors (
    organization_id uuid NOT NULL REFERENCES connected_organizations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    internal boolean NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_sponsors_user_id_idx ON organization_sponsors (user_id);

CREATE TABLE groups (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('assigned', 'dynamic')),
    membership_rule text,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX groups_name_folded_key ON groups (name_folded) WHERE deleted_at IS NULL;

CREATE TABLE group_members (
    group_id uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user_id_idx ON group_members (user_id);

CREATE TABLE group_owners (
    group_id uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_owners_user_id_idx ON group_owners (user_id);

CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    key_hash text NOT NULL UNIQUE,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    ip text NOT NULL,
    agent text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE account_links (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'passwordReset', 'setUp')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX account_links_user_id_idx ON account_links (user_id);

CREATE TABLE account_link_tokens (
    token_hash text NOT NULL PRIMARY KEY,
    link_id uuid NOT NULL REFERENCES account_links (id) ON DELETE CASCADE,
    issued_at timestamptz NOT NULL
);
CREATE INDEX account_link_tokens_link_id_idx ON account_link_tokens (link_id);

CREATE TABLE sign_in_failures (
    key text NOT NULL PRIMARY KEY,
    failures integer NOT NULL,
    window_started_at timestamptz NOT NULL,
    blocked_until timestamptz
);

CREATE TABLE directory_role_grants (
    id uuid NOT NULL PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('administrator', 'auditor', 'catalogCreator', 'organizationAdministrator')),
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    group_id uuid REFERENCES groups (id) ON DELETE CASCADE,
    granted_by uuid REFERENCES users (id),
    granted_at timestamptz NOT NULL,
    CHECK ((user_id IS NULL) <> (group_id IS NULL))
);
CREATE UNIQUE INDEX directory_role_grants_role_user_id_key ON directory_role_grants (role, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX directory_role_grants_role_group_id_key ON directory_role_grants (role, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX directory_role_grants_user_id_idx ON directory_role_grants (user_id);
CREATE INDEX directory_role_grants_group_id_idx ON directory_role_grants (group_id);

CREATE TABLE catalogs (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    state text NOT NULL CHECK (state IN ('published', 'unpublished')),
    external_enabled boolean NOT NULL,
    built_in boolean NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX catalogs_name_folded_key ON catalogs (name_folded) WHERE deleted_at IS NULL;

CREATE TABLE catalog_role_grants (
    id uuid NOT NULL PRIMARY KEY,
    catalog_id uuid NOT NULL REFERENCES catalogs (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'packageManager', 'assignmentManager', 'reader')),
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    group_id uuid REFERENCES groups (id) ON DELETE CASCADE,
    granted_by uuid REFERENCES users (id),
    granted_at timestamptz NOT NULL,
    CHECK ((user_id IS NULL) <> (group_id IS NULL))
);
CREATE UNIQUE INDEX catalog_role_grants_catalog_id_role_user_id_key ON catalog_role_grants (catalog_id, role, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX catalog_role_grants_catalog_id_role_group_id_key ON catalog_role_grants (catalog_id, role, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX catalog_role_grants_user_id_idx ON catalog_role_grants (user_id);
CREATE INDEX catalog_role_grants_group_id_idx ON catalog_role_grants (group_id);

CREATE TABLE resources (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('group', 'application', 'site')),
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    usage_text text NOT NULL,
    link text NOT NULL,
    connector text NOT NULL CHECK (connector IN ('directory', 'manual', 'webhook', 'ldap', 'scim')),
    connector_settings jsonb NOT NULL,
    group_id uuid REFERENCES groups (id),
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX resources_kind_name_folded_key ON resources (kind, name_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX resources_group_id_key ON resources (group_id) WHERE group_id IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE resource_owners (
    resource_id uuid NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (resource_id, user_id)
);
CREATE INDEX resource_owners_user_id_idx ON resource_owners (user_id);

CREATE TABLE resource_roles (
    id uuid NOT NULL PRIMARY KEY,
    resource_id uuid NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    group_role text CHECK (group_role IN ('member', 'owner')),
    position integer NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX resource_roles_resource_id_name_folded_key ON resource_roles (resource_id, name_folded) WHERE deleted_at IS NULL;

CREATE TABLE catalog_resources (
    catalog_id uuid NOT NULL REFERENCES catalogs (id) ON DELETE CASCADE,
    resource_id uuid NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    added_by uuid REFERENCES users (id),
    added_at timestamptz NOT NULL,
    PRIMARY KEY (catalog_id, resource_id)
);
CREATE INDEX catalog_resources_resource_id_idx ON catalog_resources (resource_id);

CREATE TABLE packages (
    id uuid NOT NULL PRIMARY KEY,
    catalog_id uuid NOT NULL REFERENCES catalogs (id),
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    search_folded text NOT NULL,
    hidden boolean NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX packages_catalog_id_name_folded_key ON packages (catalog_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX packages_name_folded_id_idx ON packages (name_folded, id);

CREATE TABLE package_roles (
    package_id uuid NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    resource_role_id uuid NOT NULL REFERENCES resource_roles (id),
    added_at timestamptz NOT NULL,
    PRIMARY KEY (package_id, resource_role_id)
);
CREATE INDEX package_roles_resource_role_id_idx ON package_roles (resource_role_id);

CREATE TABLE package_conflicts (
    id uuid NOT NULL PRIMARY KEY,
    package_id uuid NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    other_package_id uuid REFERENCES packages (id) ON DELETE CASCADE,
    group_id uuid REFERENCES groups (id) ON DELETE CASCADE,
    CHECK ((other_package_id IS NULL) <> (group_id IS NULL))
);
CREATE UNIQUE INDEX package_conflicts_package_id_other_package_id_key ON package_conflicts (package_id, other_package_id) WHERE other_package_id IS NOT NULL;
CREATE UNIQUE INDEX package_conflicts_package_id_group_id_key ON package_conflicts (package_id, group_id) WHERE group_id IS NOT NULL;

CREATE TABLE policies (
    id uuid NOT NULL PRIMARY KEY,
    package_id uuid NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    enabled boolean NOT NULL,
    scope_kind text NOT NULL CHECK (scope_kind IN ('specific', 'allMembers', 'allUsers', 'organizations', 'allOrganizations', 'anyone', 'nobody', 'automatic')),
    current_version integer NOT NULL,
    position integer NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX policies_package_id_name_folded_key ON policies (package_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX policies_package_id_position_idx ON policies (package_id, position);

CREATE TABLE policy_versions (
    policy_id uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    number integer NOT NULL,
    terms jsonb NOT NULL,
    created_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (policy_id, number)
);

CREATE TABLE policy_scope_users (
    policy_id uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (policy_id, user_id)
);
CREATE INDEX policy_scope_users_user_id_idx ON policy_scope_users (user_id);

CREATE TABLE policy_scope_groups (
    policy_id uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES groups (id),
    PRIMARY KEY (policy_id, group_id)
);
CREATE INDEX policy_scope_groups_group_id_idx ON policy_scope_groups (group_id);

CREATE TABLE policy_scope_organizations (
    policy_id uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES connected_organizations (id),
    PRIMARY KEY (policy_id, organization_id)
);
CREATE INDEX policy_scope_organizations_organization_id_idx ON policy_scope_organizations (organization_id);

CREATE TABLE assignments (
    id uuid NOT NULL PRIMARY KEY,
    package_id uuid NOT NULL REFERENCES packages (id),
    policy_id uuid NOT NULL REFERENCES policies (id),
    policy_version integer NOT NULL,
    subject_id uuid NOT NULL REFERENCES users (id),
    state text NOT NULL CHECK (state IN ('scheduled', 'delivering', 'delivered', 'partiallyDelivered', 'deliveryFailed', 'expired')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    created_at timestamptz NOT NULL,
    delivered_at timestamptz,
    ended_at timestamptz,
    end_reason text CHECK (end_reason IN ('time', 'removedByUser', 'removedByManager', 'removedByAdministrator', 'removedByApprover', 'review', 'policyScope', 'account')),
    version bigint NOT NULL
);
CREATE UNIQUE INDEX assignments_subject_id_package_id_key ON assignments (subject_id, package_id) WHERE state <> 'expired';
CREATE INDEX assignments_package_id_state_idx ON assignments (package_id, state);
CREATE INDEX assignments_subject_id_state_idx ON assignments (subject_id, state);
CREATE INDEX assignments_policy_id_idx ON assignments (policy_id);
CREATE INDEX assignments_state_ends_at_idx ON assignments (state, ends_at);
CREATE INDEX assignments_state_starts_at_idx ON assignments (state, starts_at);

CREATE TABLE requests (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('userAdd', 'userUpdate', 'userRemove', 'onBehalfAdd', 'adminAdd', 'adminUpdate', 'adminRemove', 'systemAdd', 'systemUpdate', 'systemRemove', 'approverRemove')),
    package_id uuid NOT NULL REFERENCES packages (id),
    policy_id uuid NOT NULL REFERENCES policies (id),
    policy_version integer NOT NULL,
    requestor_id uuid REFERENCES users (id),
    subject_id uuid NOT NULL REFERENCES users (id),
    assignment_id uuid REFERENCES assignments (id),
    state text NOT NULL CHECK (state IN ('submitted', 'waitingForCallback', 'pendingApproval', 'scheduled', 'delivering', 'delivered', 'partiallyDelivered', 'deliveryFailed', 'denied', 'expired', 'canceled')),
    stage integer NOT NULL,
    stages integer NOT NULL,
    escalated boolean NOT NULL,
    due_at timestamptz,
    justification text NOT NULL,
    answers jsonb NOT NULL,
    wanted_start timestamptz,
    wanted_end timestamptz,
    submit_token text UNIQUE,
    submitted_at timestamptz NOT NULL,
    decided_at timestamptz,
    completed_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX requests_subject_id_package_id_key ON requests (subject_id, package_id) WHERE state IN ('submitted','waitingForCallback','pendingApproval','scheduled','delivering');
CREATE INDEX requests_requestor_id_submitted_at_idx ON requests (requestor_id, submitted_at);
CREATE INDEX requests_subject_id_submitted_at_idx ON requests (subject_id, submitted_at);
CREATE INDEX requests_package_id_state_idx ON requests (package_id, state);
CREATE INDEX requests_policy_id_idx ON requests (policy_id);
CREATE INDEX requests_assignment_id_idx ON requests (assignment_id);
CREATE INDEX requests_state_due_at_idx ON requests (state, due_at);

CREATE TABLE request_stages (
    request_id uuid NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage integer NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'pending', 'approved', 'denied', 'expired', 'skipped')),
    circle text CHECK (circle IN ('named', 'fallback', 'catalogOwners', 'administrators')),
    opened_at timestamptz,
    due_at timestamptz,
    remind_at timestamptz,
    closed_at timestamptz,
    PRIMARY KEY (request_id, stage)
);
CREATE INDEX request_stages_state_remind_at_idx ON request_stages (state, remind_at);

CREATE TABLE stage_approvers (
    id uuid NOT NULL PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage integer NOT NULL,
    tier text NOT NULL CHECK (tier IN ('named', 'fallback', 'alternate')),
    kind text NOT NULL CHECK (kind IN ('manager', 'user', 'group', 'sponsors', 'internalSponsors', 'externalSponsors', 'resourceOwners', 'catalogOwners')),
    level integer NOT NULL,
    user_id uuid REFERENCES users (id),
    group_id uuid REFERENCES groups (id)
);
CREATE INDEX stage_approvers_request_id_stage_idx ON stage_approvers (request_id, stage);
CREATE INDEX stage_approvers_user_id_idx ON stage_approvers (user_id);
CREATE INDEX stage_approvers_group_id_idx ON stage_approvers (group_id);

CREATE TABLE votes (
    id uuid NOT NULL PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage integer NOT NULL,
    approver_id uuid NOT NULL REFERENCES users (id),
    on_behalf_of uuid REFERENCES users (id),
    verdict text NOT NULL CHECK (verdict IN ('approve', 'deny')),
    reason text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('portal', 'link', 'code')),
    ip text NOT NULL,
    voted_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX votes_request_id_stage_approver_id_key ON votes (request_id, stage, approver_id);
CREATE INDEX votes_approver_id_voted_at_idx ON votes (approver_id, voted_at);

CREATE TABLE request_steps (
    id uuid NOT NULL PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    actor_id uuid REFERENCES users (id),
    step jsonb NOT NULL
);
CREATE INDEX request_steps_request_id_id_idx ON request_steps (request_id, id);

CREATE TABLE deliveries (
    id uuid NOT NULL PRIMARY KEY,
    assignment_id uuid NOT NULL REFERENCES assignments (id) ON DELETE CASCADE,
    resource_role_id uuid NOT NULL REFERENCES resource_roles (id),
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'removing', 'removed')),
    error text,
    attempts integer NOT NULL,
    due_at timestamptz,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX deliveries_assignment_id_resource_role_id_key ON deliveries (assignment_id, resource_role_id);
CREATE INDEX deliveries_resource_role_id_state_idx ON deliveries (resource_role_id, state);
CREATE INDEX deliveries_state_due_at_idx ON deliveries (state, due_at);

CREATE TABLE role_holdings (
    resource_role_id uuid NOT NULL REFERENCES resource_roles (id),
    user_id uuid NOT NULL REFERENCES users (id),
    since timestamptz NOT NULL,
    PRIMARY KEY (resource_role_id, user_id)
);
CREATE INDEX role_holdings_user_id_idx ON role_holdings (user_id);

CREATE TABLE decision_links (
    id uuid NOT NULL PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    stage integer NOT NULL,
    approver_id uuid NOT NULL REFERENCES users (id),
    address text NOT NULL,
    request_version bigint NOT NULL,
    mode text NOT NULL CHECK (mode IN ('signIn', 'code', 'noticeOnly')),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    seen jsonb NOT NULL,
    token_hash text NOT NULL UNIQUE
);
CREATE INDEX decision_links_request_id_stage_idx ON decision_links (request_id, stage);

CREATE TABLE decision_codes (
    id uuid NOT NULL PRIMARY KEY,
    link_id uuid NOT NULL REFERENCES decision_links (id) ON DELETE CASCADE,
    code_hash text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL,
    used_at timestamptz
);
CREATE INDEX decision_codes_link_id_created_at_idx ON decision_codes (link_id, created_at);

CREATE TABLE notices (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    notice jsonb NOT NULL,
    recipient_id uuid REFERENCES users (id),
    address text NOT NULL,
    display_name text NOT NULL,
    locale text NOT NULL,
    time_zone text NOT NULL,
    request_id uuid REFERENCES requests (id) ON DELETE CASCADE,
    not_before timestamptz NOT NULL,
    dedupe_key text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dropped', 'failed')),
    attempts integer NOT NULL,
    lease_token uuid,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    last_error text,
    message_id text NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text NOT NULL
);
CREATE INDEX notices_state_not_before_idx ON notices (state, not_before);
CREATE INDEX notices_request_id_idx ON notices (request_id);
CREATE INDEX notices_created_at_id_idx ON notices (created_at, id);

CREATE TABLE jobs (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    dedupe_key text,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    run_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    lease_token uuid,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    last_error text
);
CREATE UNIQUE INDEX jobs_dedupe_key_key ON jobs (dedupe_key) WHERE state IN ('waiting','running');
CREATE INDEX jobs_state_run_at_idx ON jobs (state, run_at);

CREATE TABLE schedules (
    name text NOT NULL PRIMARY KEY,
    next_run_at timestamptz NOT NULL,
    last_run_at timestamptz,
    last_result text
);

CREATE TABLE settings (
    name text NOT NULL PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE audit_events (
    seq bigint NOT NULL PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    at timestamptz NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    origin text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id uuid NOT NULL,
    object_name text NOT NULL,
    subject_id uuid,
    old_values text NOT NULL,
    new_values text NOT NULL,
    reason text NOT NULL,
    correlation text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL
);
CREATE INDEX audit_events_object_kind_object_id_idx ON audit_events (object_kind, object_id);
CREATE INDEX audit_events_at_idx ON audit_events (at);

CREATE TABLE audit_head (
    id integer NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    hash text NOT NULL
);
-- The end of an empty chain: writers wait for each other at this row from the first event on.
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
