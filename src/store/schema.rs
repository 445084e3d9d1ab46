//! The tables, for both databases: kept by hand, checked against both by a test.

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    connected_organizations (id) {
        id -> DbUuid,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        state -> Text,
        created_at -> DbInstant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    organization_domains (domain) {
        domain -> Text,
        organization_id -> DbUuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    users (id) {
        id -> DbUuid,
        email -> Text,
        email_folded -> Text,
        display_name -> Text,
        name_folded -> Text,
        search_folded -> Text,
        given_name -> Text,
        surname -> Text,
        kind -> Text,
        department -> Text,
        job_title -> Text,
        company -> Text,
        office -> Text,
        country -> Text,
        employee_id -> Text,
        hired_on -> Nullable<Date>,
        manager_id -> Nullable<DbUuid>,
        time_zone -> Text,
        locale -> Text,
        extension -> DbJson,
        notice_preferences -> DbJson,
        enabled -> Bool,
        source -> Text,
        organization_id -> Nullable<DbUuid>,
        password_hash -> Nullable<Text>,
        password_changed_at -> Nullable<DbInstant>,
        created_at -> DbInstant,
        last_sign_in_at -> Nullable<DbInstant>,
        deleted_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    user_sponsors (user_id, sponsor_id) {
        user_id -> DbUuid,
        sponsor_id -> DbUuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    user_imports (id) {
        id -> DbUuid,
        file_name -> Text,
        content -> Text,
        invite -> Bool,
        state -> Text,
        fingerprint -> Text,
        result -> Text,
        created_by -> DbUuid,
        created_at -> DbInstant,
        finished_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    organization_sponsors (organization_id, user_id) {
        organization_id -> DbUuid,
        user_id -> DbUuid,
        internal -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    groups (id) {
        id -> DbUuid,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        kind -> Text,
        membership_rule -> Nullable<Text>,
        created_at -> DbInstant,
        deleted_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    group_members (group_id, user_id) {
        group_id -> DbUuid,
        user_id -> DbUuid,
        added_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    group_owners (group_id, user_id) {
        group_id -> DbUuid,
        user_id -> DbUuid,
        added_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    sessions (id) {
        id -> DbUuid,
        key_hash -> Text,
        user_id -> Nullable<DbUuid>,
        ip -> Text,
        agent -> Text,
        created_at -> DbInstant,
        last_seen_at -> DbInstant,
        expires_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    account_links (id) {
        id -> DbUuid,
        user_id -> Nullable<DbUuid>,
        purpose -> Text,
        created_at -> DbInstant,
        expires_at -> DbInstant,
        used_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    account_link_tokens (token_hash) {
        token_hash -> Text,
        link_id -> DbUuid,
        issued_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    sign_in_failures (key) {
        key -> Text,
        failures -> Integer,
        window_started_at -> DbInstant,
        blocked_until -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    directory_role_grants (id) {
        id -> DbUuid,
        role -> Text,
        user_id -> Nullable<DbUuid>,
        group_id -> Nullable<DbUuid>,
        granted_by -> Nullable<DbUuid>,
        granted_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    catalogs (id) {
        id -> DbUuid,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        state -> Text,
        external_enabled -> Bool,
        built_in -> Bool,
        created_at -> DbInstant,
        deleted_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    catalog_role_grants (id) {
        id -> DbUuid,
        catalog_id -> DbUuid,
        role -> Text,
        user_id -> Nullable<DbUuid>,
        group_id -> Nullable<DbUuid>,
        granted_by -> Nullable<DbUuid>,
        granted_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    resources (id) {
        id -> DbUuid,
        kind -> Text,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        usage_text -> Text,
        link -> Text,
        connector -> Text,
        connector_settings -> DbJson,
        group_id -> Nullable<DbUuid>,
        created_at -> DbInstant,
        deleted_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    catalog_handovers (catalog_id) {
        catalog_id -> DbUuid,
        owners -> Text,
        resources -> Text,
        managers -> Text,
        started_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    resource_owners (resource_id, user_id) {
        resource_id -> DbUuid,
        user_id -> DbUuid,
        added_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    resource_roles (id) {
        id -> DbUuid,
        resource_id -> DbUuid,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        group_role -> Nullable<Text>,
        position -> Integer,
        deleted_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    catalog_resources (catalog_id, resource_id) {
        catalog_id -> DbUuid,
        resource_id -> DbUuid,
        added_by -> Nullable<DbUuid>,
        added_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    packages (id) {
        id -> DbUuid,
        catalog_id -> DbUuid,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        search_folded -> Text,
        hidden -> Bool,
        created_at -> DbInstant,
        deleted_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    package_roles (package_id, resource_role_id) {
        package_id -> DbUuid,
        resource_role_id -> DbUuid,
        added_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    package_drafts (user_id, catalog_id) {
        user_id -> DbUuid,
        catalog_id -> DbUuid,
        step -> Integer,
        fields -> DbJson,
        updated_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    package_conflicts (id) {
        id -> DbUuid,
        package_id -> DbUuid,
        other_package_id -> Nullable<DbUuid>,
        group_id -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    policies (id) {
        id -> DbUuid,
        package_id -> DbUuid,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        enabled -> Bool,
        scope_kind -> Text,
        current_version -> Integer,
        position -> Integer,
        created_at -> DbInstant,
        deleted_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    policy_versions (policy_id, number) {
        policy_id -> DbUuid,
        number -> Integer,
        terms -> DbJson,
        created_by -> Nullable<DbUuid>,
        created_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    policy_scope_users (policy_id, user_id) {
        policy_id -> DbUuid,
        user_id -> DbUuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    policy_scope_groups (policy_id, group_id) {
        policy_id -> DbUuid,
        group_id -> DbUuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    policy_scope_organizations (policy_id, organization_id) {
        policy_id -> DbUuid,
        organization_id -> DbUuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    rule_followers (target_id) {
        target_id -> DbUuid,
        kind -> Text,
        state -> Text,
        whole -> Bool,
        reached -> Nullable<DbUuid>,
        stopped_at -> Nullable<DbInstant>,
        looked_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    rule_changes (target_id, user_id) {
        target_id -> DbUuid,
        user_id -> DbUuid,
        gains -> Bool,
        released -> Bool,
        noticed_at -> DbInstant,
        due_at -> DbInstant,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    rule_touched (user_id, mark) {
        user_id -> DbUuid,
        mark -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    assignments (id) {
        id -> DbUuid,
        package_id -> DbUuid,
        policy_id -> DbUuid,
        policy_version -> Integer,
        subject_id -> DbUuid,
        state -> Text,
        starts_at -> DbInstant,
        ends_at -> Nullable<DbInstant>,
        created_at -> DbInstant,
        delivered_at -> Nullable<DbInstant>,
        ended_at -> Nullable<DbInstant>,
        end_reason -> Nullable<Text>,
        version -> BigInt,
        remind_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    requests (id) {
        id -> DbUuid,
        kind -> Text,
        package_id -> DbUuid,
        policy_id -> DbUuid,
        policy_version -> Integer,
        requestor_id -> Nullable<DbUuid>,
        subject_id -> DbUuid,
        assignment_id -> Nullable<DbUuid>,
        state -> Text,
        stage -> Integer,
        stages -> Integer,
        escalated -> Bool,
        due_at -> Nullable<DbInstant>,
        justification -> Text,
        answers -> DbJson,
        wanted_start -> Nullable<DbInstant>,
        wanted_end -> Nullable<DbInstant>,
        submit_token -> Nullable<Text>,
        submitted_at -> DbInstant,
        decided_at -> Nullable<DbInstant>,
        completed_at -> Nullable<DbInstant>,
        version -> BigInt,
        changes -> Nullable<Text>,
        quiet -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    request_stages (request_id, stage) {
        request_id -> DbUuid,
        stage -> Integer,
        state -> Text,
        circle -> Nullable<Text>,
        opened_at -> Nullable<DbInstant>,
        due_at -> Nullable<DbInstant>,
        remind_at -> Nullable<DbInstant>,
        closed_at -> Nullable<DbInstant>,
        escalate_at -> Nullable<DbInstant>,
        escalated_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    stage_approvers (id) {
        id -> DbUuid,
        request_id -> DbUuid,
        stage -> Integer,
        tier -> Text,
        kind -> Text,
        level -> Integer,
        user_id -> Nullable<DbUuid>,
        group_id -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    votes (id) {
        id -> DbUuid,
        request_id -> DbUuid,
        stage -> Integer,
        approver_id -> DbUuid,
        on_behalf_of -> Nullable<DbUuid>,
        verdict -> Text,
        reason -> Text,
        channel -> Text,
        ip -> Text,
        voted_at -> DbInstant,
        superseded_at -> Nullable<DbInstant>,
        allowed_start -> Nullable<DbInstant>,
        allowed_end -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    request_comments (id) {
        id -> DbUuid,
        request_id -> DbUuid,
        author_id -> DbUuid,
        author_as -> Text,
        text -> Text,
        at -> DbInstant,
        submit_token -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    change_requests (id) {
        id -> DbUuid,
        request_id -> DbUuid,
        stage -> Integer,
        asked_by -> DbUuid,
        text -> Text,
        asked_at -> DbInstant,
        ended_at -> Nullable<DbInstant>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbUuid};

    delegations (id) {
        id -> DbUuid,
        delegator_id -> DbUuid,
        delegate_id -> DbUuid,
        starts_at -> DbInstant,
        ends_at -> DbInstant,
        reason -> Text,
        created_at -> DbInstant,
        ended_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    request_steps (id) {
        id -> DbUuid,
        request_id -> DbUuid,
        at -> DbInstant,
        actor_id -> Nullable<DbUuid>,
        step -> DbJson,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    deliveries (id) {
        id -> DbUuid,
        assignment_id -> DbUuid,
        resource_role_id -> DbUuid,
        state -> Text,
        error -> Nullable<Text>,
        attempts -> Integer,
        due_at -> Nullable<DbInstant>,
        updated_at -> DbInstant,
        version -> BigInt,
        tries -> Integer,
        trying_since -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    delivery_lanes (resource_role_id, user_id) {
        resource_role_id -> DbUuid,
        user_id -> DbUuid,
        sequence -> BigInt,
        order_id -> Nullable<DbUuid>,
        delivery_id -> Nullable<DbUuid>,
        action -> Nullable<Text>,
        open -> Bool,
        lease_token -> Nullable<DbUuid>,
        lease_until -> Nullable<DbInstant>,
        answer_due_at -> Nullable<DbInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    webhook_targets (resource_id) {
        resource_id -> DbUuid,
        url -> Text,
        secret -> Text,
        secret_since -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    delivery_attempts (id) {
        id -> DbUuid,
        resource_id -> DbUuid,
        resource_role_id -> Nullable<DbUuid>,
        delivery_id -> Nullable<DbUuid>,
        order_id -> DbUuid,
        sequence -> BigInt,
        action -> Text,
        by_callback -> Bool,
        outcome -> Text,
        status_code -> Nullable<Integer>,
        millis -> Nullable<Integer>,
        message -> Nullable<Text>,
        at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    package_changes (id) {
        id -> DbUuid,
        package_id -> DbUuid,
        author_id -> Nullable<DbUuid>,
        made_at -> DbInstant,
        roles -> DbJson,
        reached -> Nullable<DbUuid>,
        finished_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    fulfilment_tasks (id) {
        id -> DbUuid,
        resource_id -> DbUuid,
        resource_role_id -> DbUuid,
        subject_id -> DbUuid,
        request_id -> DbUuid,
        action -> Text,
        state -> Text,
        created_at -> DbInstant,
        due_at -> DbInstant,
        remind_at -> Nullable<DbInstant>,
        taken_by -> Nullable<DbUuid>,
        closed_by -> Nullable<DbUuid>,
        closed_at -> Nullable<DbInstant>,
        reason -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    role_holdings (resource_role_id, user_id) {
        resource_role_id -> DbUuid,
        user_id -> DbUuid,
        since -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    decision_links (id) {
        id -> DbUuid,
        request_id -> DbUuid,
        stage -> Integer,
        approver_id -> DbUuid,
        address -> Text,
        request_version -> BigInt,
        mode -> Text,
        issued_at -> DbInstant,
        expires_at -> DbInstant,
        used_at -> Nullable<DbInstant>,
        revoked_at -> Nullable<DbInstant>,
        seen -> DbJson,
        token_hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    decision_codes (id) {
        id -> DbUuid,
        link_id -> DbUuid,
        code_hash -> Nullable<Text>,
        created_at -> DbInstant,
        expires_at -> DbInstant,
        tries -> Integer,
        used_at -> Nullable<DbInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    notices (id) {
        id -> DbUuid,
        kind -> Text,
        notice -> DbJson,
        recipient_id -> Nullable<DbUuid>,
        address -> Text,
        display_name -> Text,
        locale -> Text,
        time_zone -> Text,
        request_id -> Nullable<DbUuid>,
        not_before -> DbInstant,
        dedupe_key -> Text,
        state -> Text,
        attempts -> Integer,
        lease_token -> Nullable<DbUuid>,
        lease_until -> Nullable<DbInstant>,
        created_at -> DbInstant,
        sent_at -> Nullable<DbInstant>,
        last_error -> Nullable<Text>,
        message_id -> Text,
        subject -> Text,
        body_text -> Text,
        body_html -> Text,
        text_problem -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    notice_texts (kind) {
        kind -> Text,
        subject -> Text,
        heading -> Text,
        opening -> Text,
        closing -> Text,
        updated_at -> DbInstant,
        updated_by -> Nullable<DbUuid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    digests (user_id) {
        user_id -> DbUuid,
        next_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    bulk_works (id) {
        id -> DbUuid,
        package_id -> DbUuid,
        kind -> Text,
        params -> DbJson,
        state -> Text,
        note -> Text,
        total -> Integer,
        done -> Integer,
        skipped -> Integer,
        refused -> Integer,
        failed -> Integer,
        created_by -> DbUuid,
        created_at -> DbInstant,
        started_at -> Nullable<DbInstant>,
        finished_at -> Nullable<DbInstant>,
        due_at -> Nullable<DbInstant>,
        lease_token -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbJson, DbUuid};

    bulk_rows (work_id, position) {
        work_id -> DbUuid,
        position -> Integer,
        typed -> Text,
        subject_id -> Nullable<DbUuid>,
        assignment_id -> Nullable<DbUuid>,
        details -> DbJson,
        state -> Text,
        words -> Text,
        request_id -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    jobs (id) {
        id -> DbUuid,
        kind -> Text,
        payload -> DbJson,
        dedupe_key -> Nullable<Text>,
        state -> Text,
        run_at -> DbInstant,
        attempts -> Integer,
        lease_token -> Nullable<DbUuid>,
        lease_until -> Nullable<DbInstant>,
        created_at -> DbInstant,
        finished_at -> Nullable<DbInstant>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    schedules (name) {
        name -> Text,
        next_run_at -> DbInstant,
        last_run_at -> Nullable<DbInstant>,
        last_result -> Nullable<Text>,
        every_seconds -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    settings (name) {
        name -> Text,
        value -> DbJson,
        updated_at -> DbInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    audit_events (seq) {
        seq -> BigInt,
        id -> DbUuid,
        at -> DbInstant,
        actor_id -> Nullable<DbUuid>,
        actor_name -> Text,
        origin -> Text,
        action -> Text,
        object_kind -> Text,
        object_id -> DbUuid,
        object_name -> Text,
        subject_id -> Nullable<DbUuid>,
        old_values -> Text,
        new_values -> Text,
        reason -> Text,
        correlation -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    audit_head (id) {
        id -> Integer,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    resource_attributes (resource_id, name) {
        resource_id -> DbUuid,
        name -> Text,
        position -> Integer,
        editable_later -> Bool,
        question -> DbJson,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{DbInstant, DbJson, DbUuid};

    user_attribute_values (user_id, name) {
        user_id -> DbUuid,
        name -> Text,
        answer -> DbJson,
        request_id -> Nullable<DbUuid>,
        updated_at -> DbInstant,
    }
}

diesel::joinable!(organization_domains -> connected_organizations (organization_id));
diesel::joinable!(users -> connected_organizations (organization_id));
diesel::joinable!(organization_sponsors -> connected_organizations (organization_id));
diesel::joinable!(organization_sponsors -> users (user_id));
diesel::joinable!(group_members -> groups (group_id));
diesel::joinable!(group_members -> users (user_id));
diesel::joinable!(group_owners -> groups (group_id));
diesel::joinable!(group_owners -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(account_links -> users (user_id));
diesel::joinable!(account_link_tokens -> account_links (link_id));
diesel::joinable!(directory_role_grants -> groups (group_id));
diesel::joinable!(catalog_role_grants -> catalogs (catalog_id));
diesel::joinable!(catalog_role_grants -> groups (group_id));
diesel::joinable!(resources -> groups (group_id));
diesel::joinable!(resource_owners -> resources (resource_id));
diesel::joinable!(resource_owners -> users (user_id));
diesel::joinable!(resource_roles -> resources (resource_id));
diesel::joinable!(resource_attributes -> resources (resource_id));
diesel::joinable!(user_attribute_values -> users (user_id));
diesel::joinable!(user_attribute_values -> requests (request_id));
diesel::joinable!(catalog_handovers -> catalogs (catalog_id));
diesel::joinable!(catalog_resources -> catalogs (catalog_id));
diesel::joinable!(catalog_resources -> resources (resource_id));
diesel::joinable!(catalog_resources -> users (added_by));
diesel::joinable!(packages -> catalogs (catalog_id));
diesel::joinable!(package_roles -> packages (package_id));
diesel::joinable!(package_roles -> resource_roles (resource_role_id));
diesel::joinable!(package_conflicts -> groups (group_id));
diesel::joinable!(policies -> packages (package_id));
diesel::joinable!(policy_versions -> policies (policy_id));
diesel::joinable!(policy_versions -> users (created_by));
diesel::joinable!(policy_scope_users -> policies (policy_id));
diesel::joinable!(policy_scope_users -> users (user_id));
diesel::joinable!(policy_scope_groups -> policies (policy_id));
diesel::joinable!(policy_scope_groups -> groups (group_id));
diesel::joinable!(policy_scope_organizations -> policies (policy_id));
diesel::joinable!(policy_scope_organizations -> connected_organizations (organization_id));
diesel::joinable!(rule_changes -> rule_followers (target_id));
diesel::joinable!(rule_changes -> users (user_id));
diesel::joinable!(rule_touched -> users (user_id));
diesel::joinable!(user_imports -> users (created_by));
diesel::joinable!(assignments -> packages (package_id));
diesel::joinable!(assignments -> policies (policy_id));
diesel::joinable!(assignments -> users (subject_id));
diesel::joinable!(requests -> packages (package_id));
diesel::joinable!(requests -> policies (policy_id));
diesel::joinable!(requests -> assignments (assignment_id));
diesel::joinable!(request_stages -> requests (request_id));
diesel::joinable!(stage_approvers -> requests (request_id));
diesel::joinable!(stage_approvers -> users (user_id));
diesel::joinable!(stage_approvers -> groups (group_id));
diesel::joinable!(votes -> requests (request_id));
diesel::joinable!(request_comments -> requests (request_id));
diesel::joinable!(request_comments -> users (author_id));
diesel::joinable!(change_requests -> requests (request_id));
diesel::joinable!(change_requests -> users (asked_by));
diesel::joinable!(request_steps -> requests (request_id));
diesel::joinable!(request_steps -> users (actor_id));
diesel::joinable!(bulk_works -> packages (package_id));
diesel::joinable!(bulk_works -> users (created_by));
diesel::joinable!(bulk_rows -> bulk_works (work_id));
diesel::joinable!(bulk_rows -> users (subject_id));
diesel::joinable!(bulk_rows -> assignments (assignment_id));
diesel::joinable!(deliveries -> assignments (assignment_id));
diesel::joinable!(deliveries -> resource_roles (resource_role_id));
diesel::joinable!(delivery_lanes -> resource_roles (resource_role_id));
diesel::joinable!(delivery_lanes -> users (user_id));
diesel::joinable!(delivery_lanes -> deliveries (delivery_id));
diesel::joinable!(webhook_targets -> resources (resource_id));
diesel::joinable!(delivery_attempts -> resources (resource_id));
diesel::joinable!(delivery_attempts -> resource_roles (resource_role_id));
diesel::joinable!(delivery_attempts -> deliveries (delivery_id));
diesel::joinable!(package_changes -> packages (package_id));
diesel::joinable!(package_changes -> users (author_id));
diesel::joinable!(fulfilment_tasks -> resources (resource_id));
diesel::joinable!(fulfilment_tasks -> resource_roles (resource_role_id));
diesel::joinable!(fulfilment_tasks -> users (subject_id));
diesel::joinable!(fulfilment_tasks -> requests (request_id));
diesel::joinable!(role_holdings -> resource_roles (resource_role_id));
diesel::joinable!(role_holdings -> users (user_id));
diesel::joinable!(decision_links -> requests (request_id));
diesel::joinable!(decision_links -> users (approver_id));
diesel::joinable!(decision_codes -> decision_links (link_id));
diesel::joinable!(notices -> users (recipient_id));
diesel::joinable!(notices -> requests (request_id));
diesel::joinable!(notice_texts -> users (updated_by));
diesel::joinable!(digests -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    connected_organizations,
    organization_domains,
    users,
    user_imports,
    user_sponsors,
    organization_sponsors,
    groups,
    group_members,
    group_owners,
    sessions,
    account_links,
    account_link_tokens,
    sign_in_failures,
    directory_role_grants,
    catalogs,
    catalog_role_grants,
    resources,
    resource_owners,
    resource_roles,
    resource_attributes,
    user_attribute_values,
    catalog_resources,
    catalog_handovers,
    packages,
    package_roles,
    package_conflicts,
    package_drafts,
    policies,
    policy_versions,
    policy_scope_users,
    policy_scope_groups,
    policy_scope_organizations,
    rule_followers,
    rule_changes,
    rule_touched,
    assignments,
    requests,
    request_stages,
    stage_approvers,
    votes,
    delegations,
    request_comments,
    change_requests,
    request_steps,
    bulk_works,
    bulk_rows,
    deliveries,
    delivery_lanes,
    webhook_targets,
    delivery_attempts,
    package_changes,
    fulfilment_tasks,
    role_holdings,
    decision_links,
    decision_codes,
    notices,
    notice_texts,
    digests,
    jobs,
    schedules,
    settings,
    audit_events,
    audit_head,
);
