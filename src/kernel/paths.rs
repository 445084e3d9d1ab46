//! The addresses of pages, in one place: pages and mails build links only from here (SPEC FIX-1).

use super::ids::{
    AssignmentId, BulkWorkId, CatalogId, DelegationId, GroupId, NoticeId, OrderId, PackageId, RequestId,
    ResourceId, RoleGrantId, TaskId, UserId,
};

/// `/demo`: moves the clock of a demonstration.
pub const DEMO: &str = "/demo";

/// `/approvals`: what waits for one's decision.
pub const APPROVALS: &str = "/approvals";
/// `/access`: what one has.
pub const MY_ACCESS: &str = "/access";

/// Trying again what was given up of a request's access.
pub fn request_reprocess(id: RequestId) -> String {
    format!("/requests/{id}/reprocess")
}

/// Where a target tells later how an order went.
pub fn delivery_answer(id: OrderId) -> String {
    format!("/hooks/deliveries/{id}")
}

/// `/packages/{id}`
pub fn package(id: PackageId) -> String {
    format!("/packages/{id}")
}
/// `/packages/{id}/request`
pub fn package_request(id: PackageId) -> String {
    format!("/packages/{id}/request")
}
/// `/requests/{id}`
pub fn request(id: RequestId) -> String {
    format!("/requests/{id}")
}
/// `/requests/{id}/edit`: changing it because an approver asked (SPEC REQ-9).
pub fn request_edit(id: RequestId) -> String {
    format!("/requests/{id}/edit")
}
/// `/requests/{id}/comments`
pub fn request_comments(id: RequestId) -> String {
    format!("/requests/{id}/comments")
}
/// `/approvals/{id}/changes`: asking for changes instead of deciding (SPEC REQ-9).
pub fn approval_changes(id: RequestId) -> String {
    format!("/approvals/{id}/changes")
}
/// `/packages/{id}/why`: why somebody can or cannot request it (SPEC REQ-1).
pub fn package_why(id: PackageId) -> String {
    format!("/packages/{id}/why")
}
/// `/access/{id}`
pub fn access(id: AssignmentId) -> String {
    format!("/access/{id}")
}
/// `/access/{id}/extend`
pub fn access_extend(id: AssignmentId) -> String {
    format!("/access/{id}/extend")
}
/// `/access/{id}/answers`
pub fn access_answers(id: AssignmentId) -> String {
    format!("/access/{id}/answers")
}
/// `/packages/{id}/request-for`: for people who report to whoever asks.
pub fn package_request_for(id: PackageId) -> String {
    format!("/packages/{id}/request-for")
}
/// `/team/{id}`
pub fn team_person(id: UserId) -> String {
    format!("/team/{id}")
}
/// `/team/{id}/packages`: what can be requested for them.
pub fn team_packages(id: UserId) -> String {
    format!("/team/{id}/packages")
}
/// `/team/{id}/access/{assignment}/remove`
pub fn team_remove(id: UserId, access: AssignmentId) -> String {
    format!("/team/{id}/access/{access}/remove")
}
/// `/approvals/{id}`
pub fn approval(id: RequestId) -> String {
    format!("/approvals/{id}")
}
/// `/approvals/{id}/revoke` (SPEC APR-10)
pub fn approval_revoke(id: RequestId) -> String {
    format!("/approvals/{id}/revoke")
}
/// `/tasks`: what one has to do by hand for the resources that one owns (SPEC DLV-6).
pub const TASKS: &str = "/tasks";

/// `/tasks/{id}`
pub fn task(id: TaskId) -> String {
    format!("{TASKS}/{id}")
}
/// `/tasks/{id}/{act}`
pub fn task_act(id: TaskId, act: &str) -> String {
    format!("{TASKS}/{id}/{act}")
}
/// `/d/{token}`: the emailed decision (SPEC APR-12).
pub fn decision_link(token: &str) -> String {
    format!("/d/{token}")
}
/// `/admin/mail`: every notice.
pub fn mails() -> &'static str {
    "/admin/mail"
}
/// `/admin/mail/texts`: what mails say.
pub const MAIL_TEXTS: &str = "/admin/mail/texts";
/// `/admin/mail/texts/{kind}`
pub fn mail_text(kind: &str) -> String {
    format!("/admin/mail/texts/{kind}")
}
/// `/admin/mail/texts/{kind}/{page}`
pub fn mail_text_page(kind: &str, page: &str) -> String {
    format!("/admin/mail/texts/{kind}/{page}")
}
/// `/admin/mail/{id}`
pub fn mail(id: NoticeId) -> String {
    format!("/admin/mail/{id}")
}
/// `/admin/mail/{id}/send-again`
pub fn mail_send_again(id: NoticeId) -> String {
    format!("/admin/mail/{id}/send-again")
}
/// `/catalogs/{id}`
pub fn catalog(id: CatalogId) -> String {
    format!("/catalogs/{id}")
}
/// `/catalogs/{id}/{tab}`
pub fn catalog_tab(id: CatalogId, tab: &str) -> String {
    format!("/catalogs/{id}/{tab}")
}
/// `/resources/{id}`
pub fn resource(id: ResourceId) -> String {
    format!("/resources/{id}")
}
/// `/resources/{id}/{tab}`
pub fn resource_tab(id: ResourceId, tab: &str) -> String {
    format!("/resources/{id}/{tab}")
}
/// `/catalogs/{id}/resources/{resource}/remove`
pub fn catalog_resource_remove(id: CatalogId, resource: ResourceId) -> String {
    format!("/catalogs/{id}/resources/{resource}/remove")
}
/// `/manage/packages/{id}`
pub fn manage_package(id: PackageId) -> String {
    format!("/manage/packages/{id}")
}
/// `/manage/packages/{id}/{tab}`
pub fn manage_package_tab(id: PackageId, tab: &str) -> String {
    format!("/manage/packages/{id}/{tab}")
}
/// `/manage/packages/{id}/bulk/{work}`: work on many people or assignments (SPEC ASG-2).
pub fn bulk(id: PackageId, work: BulkWorkId) -> String {
    format!("/manage/packages/{id}/bulk/{work}")
}
/// `/manage/packages/{id}/bulk/{work}/{page}`
pub fn bulk_page(id: PackageId, work: BulkWorkId, page: &str) -> String {
    format!("/manage/packages/{id}/bulk/{work}/{page}")
}
/// Who stands in for whom while away (SPEC APR-11).
pub const DELEGATION: &str = "/approvals/delegation";

/// `/approvals/delegation/{id}/end`
pub fn delegation_end(id: DelegationId) -> String {
    format!("{DELEGATION}/{id}/end")
}
/// `/admin/users/{id}`
pub fn user(id: UserId) -> String {
    format!("/admin/users/{id}")
}
/// `/admin/users/{id}/{page}`
pub fn user_page(id: UserId, page: &str) -> String {
    format!("/admin/users/{id}/{page}")
}
/// `/admin/groups/{id}/{page}`
pub fn group_page(id: GroupId, page: &str) -> String {
    format!("/admin/groups/{id}/{page}")
}
/// `/admin/roles/{id}/revoke`
pub fn role_revoke(id: RoleGrantId) -> String {
    format!("/admin/roles/{id}/revoke")
}
/// `/admin/groups/{id}`
pub fn group(id: GroupId) -> String {
    format!("/admin/groups/{id}")
}

/// `/account/invitation/{token}`: choose a first password (SPEC SES-1).
pub fn account_invitation(token: &str) -> String {
    format!("/account/invitation/{token}")
}
/// `/account/reset/{token}`: choose a new password (SPEC SES-1).
pub fn account_reset(token: &str) -> String {
    format!("/account/reset/{token}")
}
/// `/set-up/{token}`: create the first administrator (SPEC SES-5).
pub fn set_up(token: &str) -> String {
    format!("/set-up/{token}")
}
/// The path to go to after sign-in: only local ones (SPEC SES-4). Anything else is the home page.
pub fn local_or_home(next: &str) -> &str {
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && !next.to_ascii_lowercase().starts_with("/%2f")
        && !next.to_ascii_lowercase().starts_with("/%5c");
    if local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local_or_home;

    #[test]
    fn only_local_paths_are_followed_after_sign_in() {
        // SPEC SES-4
        assert_eq!(local_or_home("/packages?q=a%20b"), "/packages?q=a%20b");
        for bad in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "/%2fevil.example",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
        ] {
            assert_eq!(local_or_home(bad), "/", "{bad:?}");
        }
    }
}
