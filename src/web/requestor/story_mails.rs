//! The mails in the story of a request (SPEC REQ-8): which went out, to whom, and whether they were accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::story::Draft;
use super::words;
use crate::kernel::Moment;
use crate::store::views::request::RequestPage;
use crate::store::views::story::NoticeNow;
use crate::web::ui::{TimelineItem, Tone, When};

/// What a mail is about, in a few words.
fn subject(kind: &str) -> &'static str {
    match kind {
        "approvalRequested" => "asking for a decision",
        "approvalReminder" => "reminder to decide",
        "approvalForwarded" => "asking alternates for a decision",
        "stageExpired" | "requestExpired" => "nobody decided in time",
        "stageApproved" => "stage approved",
        "requestApproved" => "approved",
        "requestDenied" => "denied",
        "accessDelivered" => "access is ready",
        "accessEnded" => "access has ended",
        "deliveryFailed" => "delivery failed",
        "decisionConfirmed" => "decision confirmed",
        "commentAdded" => "new comment",
        "changesRequested" => "changes asked for",
        "requestedForYou" => "somebody asks for them",
        "fulfilmentTask" => "asking to do it by hand",
        "fulfilmentReminder" => "reminder to do it by hand",
        _ => "notice",
    }
}

/// Is it a mail to approvers?
fn to_approver(kind: &str) -> bool {
    matches!(
        kind,
        "approvalRequested"
            | "approvalReminder"
            | "approvalForwarded"
            | "stageExpired"
            | "stageApproved"
            | "requestApproved"
            | "decisionConfirmed"
            | "commentAdded"
    )
}

fn fate(state: &str) -> &'static str {
    match state {
        "sent" => "accepted by the mail server",
        "failed" => "could not be sent",
        _ => "waiting to be sent",
    }
}

/// Hangs the mails on the steps that caused them; what was sent at another time, such as a reminder, becomes a step
/// of its own. Mails that are not due yet, or were not needed in the end, are left out.
pub(super) fn mails(r: &RequestPage, drafts: &mut Vec<Draft>, now: Moment, when: &impl Fn(Moment) -> When) {
    let mut groups: BTreeMap<(Moment, &str, &str), Vec<&NoticeNow>> = BTreeMap::new();
    for notice in &r.notices {
        if notice.state != "dropped" && notice.due_at <= now {
            groups.entry((notice.due_at, &notice.kind, fate(&notice.state))).or_default().push(notice);
        }
    }
    for ((at, kind, fate), notices) in groups {
        let hidden = r.hides_approvers() && to_approver(kind);
        // Who is written to twice, because a stage is asked again, is named once.
        let names: Vec<String> =
            notices.iter().map(|n| n.name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let to = if hidden {
            words::count(i64::try_from(names.len()).unwrap_or(0), "approver")
        } else if names.len() > 4 {
            format!("{} people", names.len())
        } else {
            words::listing(&names, "and")
        };
        let text = format!("Mail to {to} ({}): {fate}", subject(kind));
        match drafts.iter_mut().rev().find(|d| d.at == at) {
            Some(draft) => draft.item.details.push(text),
            None => drafts.push(Draft {
                at,
                item: TimelineItem::new(when(at), "envelope", Tone::Neutral, capital_of(kind)).detail(text),
            }),
        }
    }
}

fn capital_of(kind: &str) -> String {
    match kind {
        "approvalReminder" | "fulfilmentReminder" => "Reminder sent".to_owned(),
        other => words::capital(subject(other)),
    }
}
