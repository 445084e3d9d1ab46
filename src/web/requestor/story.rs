//! The story of a request: what happened, in order, and what comes next (SPEC REQ-8).

use chrono_tz::Tz;

use super::requests::Loaded;
use super::{edits, less, story_mails, words};
use crate::domain::approval::{Channel, Circle, Verdict};
use crate::domain::fulfilment::TaskAction;
use crate::domain::request::{Changes, RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::store::views::request::RequestPage;
use crate::store::views::story::EntryNow;
use crate::web::ui::{Timeline, TimelineItem, Tone, When};

/// How the approvers of a request are spoken of to the person who looks.
pub fn voice(r: &RequestPage) -> words::Voice {
    words::Voice { names: !r.hides_approvers(), own: r.for_viewer }
}

/// What happens next, in a sentence or two.
pub fn next(loaded: &Loaded, now: Moment, tz: Tz) -> String {
    let r = &loaded.request;
    let exact = |at: Moment| When::new(*at, *now, tz).exact;
    let whom = match loaded.waiting_for.as_slice() {
        few @ ([_] | [_, _] | [_, _, _] | [_, _, _, _]) => words::listing(few, "or"),
        [] => "the approvers".to_owned(),
        many => format!("{} people", many.len()),
    };
    match r.state {
        RequestState::Submitted => "It was received and is about to be worked on.".to_owned(),
        RequestState::WaitingForCallback => "Another system has to answer first.".to_owned(),
        RequestState::PendingApproval => {
            let more = r
                .stages
                .iter()
                .filter(|s| s.number > r.stage)
                .filter_map(|s| s.outline.as_ref())
                .map(|o| words::stage(o, voice(r)))
                .collect::<Vec<_>>();
            let then = if more.is_empty() {
                String::new()
            } else {
                format!(" Then it goes to {}.", more.join(", then "))
            };
            let due = r.due_at.map_or(String::new(), |due| {
                format!(" If nobody decides by {}, it expires.", exact(due))
            });
            format!("Waiting for {whom} to decide.{then}{due}")
        }
        RequestState::Scheduled => r.assignment.as_ref().map_or_else(
            || "Approved. Access starts later.".to_owned(),
            |a| format!("Approved. Access starts on {}.", exact(a.starts_at)),
        ),
        RequestState::Delivering if r.kind.removes() => "Access is being taken back.".to_owned(),
        RequestState::Delivering => {
            "Approved. The access is being set up; a mail tells when it is ready.".to_owned()
        }
        RequestState::Delivered if r.kind.removes() => "Done: the access is gone.".to_owned(),
        RequestState::Delivered if r.changes == Some(Changes::Answers) => "Done: the new answers count.".to_owned(),
        RequestState::Delivered => match r.assignment.as_ref() {
            Some(a) if !a.state.is_live() || a.ends_at.is_some_and(|end| end <= now) => {
                "It was delivered. The access has ended since.".to_owned()
            }
            Some(a) => a.ends_at.map_or_else(
                || "Everything is in place. The access does not end by itself.".to_owned(),
                |end| format!("Everything is in place. The access ends on {}.", exact(end)),
            ),
            None => "Everything is in place.".to_owned(),
        },
        RequestState::PartiallyDelivered => {
            "Some of it is in place, some could not be set up. The people who manage the package can see why and try again."
                .to_owned()
        }
        RequestState::DeliveryFailed => {
            "It was approved, but could not be set up. The people who manage the package can see why and try again."
                .to_owned()
        }
        RequestState::Denied | RequestState::Expired | RequestState::Canceled
            if r.kind == RequestKind::UserUpdate =>
        {
            let what = match r.state {
                RequestState::Denied => "It was denied.",
                RequestState::Expired => "Nobody decided in time.",
                _ => "It was taken back.",
            };
            let live = r.assignment.as_ref().filter(|a| {
                a.state.is_live() && a.ends_at.is_none_or(|end| now < end)
            });
            match live.map(|a| a.ends_at) {
                Some(Some(end)) => format!("{what} The access goes on as it was, and ends on {}.", exact(end)),
                Some(None) => format!("{what} The access goes on as it was."),
                None => format!("{what} The access has ended."),
            }
        }
        RequestState::Denied if r.sight.own => {
            "It was denied; the reason is in the story below. You can send it again with a better explanation.".to_owned()
        }
        RequestState::Denied => "It was denied.".to_owned(),
        RequestState::Expired if r.sight.own => "Nobody decided in time. You can send it again.".to_owned(),
        RequestState::Expired => "Nobody decided in time.".to_owned(),
        RequestState::Canceled => "It was taken back before it was delivered.".to_owned(),
    }
}

/// An item before mails are hung on it.
pub(super) struct Draft {
    pub(super) at: Moment,
    pub(super) item: TimelineItem,
}

/// The timeline: the steps, with the mails that each caused.
pub fn timeline(r: &RequestPage, now: Moment, tz: Tz) -> Timeline {
    let when = |at: Moment| When::new(*at, *now, tz);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut roles: Vec<(Moment, String, bool)> = Vec::new();
    let mut entries = r.entries.iter().peekable();
    while let Some(entry) = entries.next() {
        match &entry.step {
            Step::RoleDelivered { name, .. } => {
                roles.push((entry.at, by_hand(entry, format!("{name}: delivered")), true));
            }
            Step::RoleRemoved { name, .. } => {
                roles.push((entry.at, by_hand(entry, format!("{name}: taken back")), false));
            }
            Step::RoleKept { name, .. } => {
                roles.push((entry.at, format!("{name}: kept, because other access gives it too"), false));
            }
            Step::DeliveryStarted
                if entries
                    .clone()
                    .take_while(|e| e.at == entry.at)
                    .any(|e| matches!(e.step, Step::Delivered { .. })) => {}
            // The vote before says it already.
            Step::Denied => {}
            Step::Approved if r.stages.len() < 2 => {}
            // Part of the vote before.
            Step::Narrowed { allowed, asked_start, asked_end } => {
                if let Some(vote) = drafts.last_mut() {
                    vote.item
                        .details
                        .extend(less::lines(*allowed, *asked_start, *asked_end, |at| when(at).exact));
                }
            }
            step => {
                let delivered = matches!(step, Step::Delivered { .. });
                let mut item = item(r, entry, &when);
                if delivered {
                    item.details.extend(roles.drain(..).map(|(_, text, _)| text));
                } else {
                    flush(&mut drafts, &mut roles, &when);
                }
                drafts.push(Draft { at: entry.at, item });
            }
        }
    }
    flush(&mut drafts, &mut roles, &when);
    story_mails::mails(r, &mut drafts, now, &when);
    drafts.sort_by_key(|d| d.at);
    Timeline::new(drafts.into_iter().map(|d| d.item).collect())
}

/// Roles that no later step gathers become a step of their own.
fn flush(drafts: &mut Vec<Draft>, roles: &mut Vec<(Moment, String, bool)>, when: &impl Fn(Moment) -> When) {
    let Some((at, _, given)) = roles.last() else {
        return;
    };
    let (at, given) = (*at, *given);
    let mut item = if given {
        TimelineItem::new(when(at), "box-seam", Tone::Info, "Roles delivered")
    } else {
        TimelineItem::new(when(at), "door-closed", Tone::Neutral, "Roles taken back")
    };
    item.details = roles.drain(..).map(|(_, text, _)| text).collect();
    drafts.push(Draft { at, item });
}

fn submitted(kind: RequestKind, changes: Option<Changes>) -> &'static str {
    match kind {
        RequestKind::UserUpdate if changes == Some(Changes::Answers) => "Change of answers requested",
        RequestKind::UserAdd => "Requested",
        RequestKind::OnBehalfAdd => "Requested on behalf",
        RequestKind::AdminAdd => "Assigned directly",
        RequestKind::SystemAdd => "Assigned by rule",
        RequestKind::UserUpdate => "Extension requested",
        RequestKind::AdminUpdate | RequestKind::SystemUpdate => "Change requested",
        RequestKind::UserRemove => "Given up",
        RequestKind::AdminRemove => "Removal requested",
        RequestKind::ApproverRemove => "Revoked",
        RequestKind::SystemRemove => "End of access",
    }
}

fn item(r: &RequestPage, entry: &EntryNow, when: &impl Fn(Moment) -> When) -> TimelineItem {
    let new = |icon, tone, title: String| TimelineItem::new(when(entry.at), icon, tone, title);
    let several = r.stages.len() > 1;
    let stage_of = |stage: u8| {
        if several { format!(" in stage {stage} of {}", r.stages.len()) } else { String::new() }
    };
    let mut item = match &entry.step {
        Step::Submitted { policy, version } => {
            new("send", Tone::Info, submitted(r.kind, r.changes).to_owned())
                .text(edits::first_words(r))
                .detail(format!("Policy “{policy}”, version {version}"))
        }
        Step::ApprovedWithoutAsking => new("check-circle", Tone::Success, "No approval needed".to_owned()),
        Step::ApprovalBypassed { reason } => new(
            "shield-exclamation",
            Tone::Warning,
            "Assigned without the approval that the policy asks for".to_owned(),
        )
        .text(reason),
        Step::StageOpened { stage, due, circle, people } => {
            let who = stage_people(r, *stage, *circle, *people);
            let due = when(*due).exact;
            new("hourglass-split", Tone::Info, format!("{who} asked{}", stage_of(*stage)))
                .detail(format!("To be decided by {due}"))
        }
        Step::Voted { stage, verdict, reason, channel, approvals, needed, in_place_of } => {
            let approve = *verdict == Verdict::Approve;
            let (icon, tone, word) = if approve {
                ("check-circle", Tone::Success, "Approved")
            } else {
                ("x-circle", Tone::Danger, "Denied")
            };
            let mut item = new(icon, tone, format!("{word}{}", stage_of(*stage))).text(reason);
            if approve && *needed > 1 {
                item = item.detail(format!("{approvals} of {needed} approvals"));
            }
            if let Some(place) = in_place_of.as_ref().filter(|_| !r.hides_approvers()) {
                item = item.detail(format!("In the place of {place}"));
            }
            match channel {
                Channel::Portal => item,
                Channel::Link => item.detail("From the e-mailed link, signed in"),
                Channel::Code => item.detail("From the e-mailed link, with a one-time code"),
            }
        }
        Step::Escalated { stage, people: 0 } => new(
            "people",
            Tone::Warning,
            format!("Nobody decided yet{}, so it was escalated", stage_of(*stage)),
        )
        .detail("No alternate could be found; those who were asked first can still decide"),
        Step::Escalated { stage, people } => {
            let more = words::count(i64::from(*people), "alternate");
            new(
                "people",
                Tone::Warning,
                format!("Nobody decided yet{}, so it was escalated", stage_of(*stage)),
            )
            .detail(format!("{more} asked too; those who were asked first can still decide"))
        }
        Step::ChangesRequested { stage, text } => {
            new("chat-left-text", Tone::Warning, format!("Changes asked for{}", stage_of(*stage))).text(text)
        }
        Step::SentBack { stage, edits, asked_again } => {
            let mut item = new("send", Tone::Info, format!("Changed and sent back{}", stage_of(*stage)));
            item.details.extend(edits.iter().map(|edit| edit.words(|at| when(at).exact)));
            if *asked_again > 0 {
                let n = words::count(i64::from(*asked_again), "approval");
                item = item.detail(format!("{n} of the earlier text no longer counts"));
            }
            item
        }
        Step::Narrowed { .. } => {
            new("calendar-event", Tone::Info, "Approved for less than was asked".to_owned())
        }
        Step::Approved => new("check2-all", Tone::Success, "Every stage has approved".to_owned()),
        Step::Denied => new("x-circle", Tone::Danger, "Denied".to_owned()),
        Step::Expired { stage } => {
            new("clock-history", Tone::Neutral, format!("Nobody decided in time{}", stage_of(*stage)))
        }
        Step::Canceled { reason } => new("dash-circle", Tone::Neutral, "Cancelled".to_owned()).text(reason),
        Step::Scheduled { starts_at } => {
            let start = when(*starts_at).exact;
            new("calendar-event", Tone::Info, format!("Access starts on {start}"))
        }
        Step::DeliveryStarted if r.kind.removes() => {
            new("arrow-clockwise", Tone::Info, "Taking the roles back".to_owned())
        }
        Step::DeliveryStarted => new("arrow-clockwise", Tone::Info, "Setting up the access".to_owned()),
        Step::RoleFailed { name, error, .. } => {
            let item = new("exclamation-octagon", Tone::Danger, format!("{name}: could not be done"));
            if r.sight.manager { item.detail(error.as_str()) } else { item }
        }
        Step::RoleDelayed { name, error, .. } => {
            let item = new("clock-history", Tone::Warning, format!("{name}: not done yet, tried again"));
            if r.sight.manager { item.detail(error.as_str()) } else { item }
        }
        Step::RoleAwaited { name, .. } => {
            new("hourglass-split", Tone::Info, format!("{name}: ordered, the answer comes later"))
        }
        Step::Reprocessed { roles } => {
            let n = words::count(i64::from(*roles), "role");
            new("arrow-clockwise", Tone::Info, "Tried again".to_owned()).detail(n)
        }
        Step::PackageChanged { added, removed } => {
            let mut item =
                new("box-seam", Tone::Info, "The package has changed, and this access with it".to_owned());
            item.details.extend(added.iter().map(|name| format!("New: {name}")));
            item.details.extend(removed.iter().map(|name| format!("No longer: {name}")));
            item
        }
        Step::RoleDelivered { name, .. } | Step::RoleRemoved { name, .. } | Step::RoleKept { name, .. } => {
            new("box-seam", Tone::Info, name.clone())
        }
        Step::FulfilmentAsked { name, action, people, due, .. } => {
            let what = match action {
                TaskAction::Grant => "to be set up by hand",
                TaskAction::Revoke => "to be taken back by hand",
            };
            let who = if people.len() > 4 {
                format!("{} people", people.len())
            } else {
                words::listing(people, "or")
            };
            let item = new("hourglass-split", Tone::Info, format!("{name}: {what}"))
                .detail(format!("To be done by {}", when(*due).exact));
            if people.is_empty() { item } else { item.detail(format!("Asked: {who}")) }
        }
        Step::FulfilmentOver { name, action, .. } => {
            let what = match action {
                TaskAction::Grant => "need not be set up any more",
                TaskAction::Revoke => "need not be taken back any more",
            };
            new("dash-circle", Tone::Neutral, format!("{name}: {what}"))
        }
        Step::Delivered { .. } if r.kind.removes() => {
            new("door-closed", Tone::Neutral, "Everything is taken back".to_owned())
        }
        Step::Delivered { ends_at } => {
            let end = ends_at.map_or_else(
                || "It does not end by itself".to_owned(),
                |end| format!("It ends on {}", when(end).exact),
            );
            new("key", Tone::Success, "Access delivered".to_owned()).detail(end)
        }
        Step::Extended { before, ends_at } => {
            let exact =
                |at: &Option<Moment>| at.map_or_else(|| "no end date".to_owned(), |at| when(at).exact);
            let item = new("key", Tone::Success, "Access extended".to_owned());
            if before == ends_at {
                item.detail(format!("It still ends on {}", exact(ends_at)))
            } else {
                item.detail(format!("New end: {}", exact(ends_at)))
                    .detail(format!("Old end: {}", exact(before)))
            }
        }
        Step::EndChanged { before, ends_at, reason } => {
            let exact =
                |at: &Option<Moment>| at.map_or_else(|| "no end date".to_owned(), |at| when(at).exact);
            new("key", Tone::Info, "The end of the access was changed".to_owned())
                .text(reason)
                .detail(format!("New end: {}", exact(ends_at)))
                .detail(format!("Old end: {}", exact(before)))
        }
        Step::AnswersChanged => new("chat-left-text", Tone::Success, "Answers changed".to_owned()),
        Step::Ended { reason, note } => {
            new("door-closed", Tone::Neutral, format!("Access ended: {}", reason.words())).text(note)
        }
    };
    let hidden = matches!(entry.step, Step::Voted { .. } | Step::ChangesRequested { .. })
        && r.hides_approvers()
        && !entry.by_viewer;
    item.who = if hidden {
        Some("An approver".to_owned())
    } else {
        entry.actor.clone().filter(|_| personal(&entry.step))
    };
    item
}

/// Is the step somebody's act? What the portal does by itself in the same moment has no face.
fn personal(step: &Step) -> bool {
    matches!(
        step,
        Step::Submitted { .. }
            | Step::ApprovalBypassed { .. }
            | Step::Voted { .. }
            | Step::ChangesRequested { .. }
            | Step::SentBack { .. }
            | Step::Canceled { .. }
            | Step::Reprocessed { .. }
            | Step::Ended { .. }
            | Step::RoleFailed { .. }
    )
}

/// A role that somebody gave or took back by hand, with their name (SPEC DLV-6).
fn by_hand(entry: &EntryNow, text: String) -> String {
    match &entry.actor {
        Some(name) => format!("{text} by {name}"),
        None => text,
    }
}

/// Who was asked when a stage opened (SPEC APR-3).
fn stage_people(r: &RequestPage, stage: u8, circle: Circle, people: u32) -> String {
    match circle {
        Circle::Named => r
            .stages
            .iter()
            .find(|s| s.number == i32::from(stage))
            .and_then(|s| s.outline.as_ref())
            .map_or_else(
                || words::count(i64::from(people), "approver"),
                |o| words::capital(&words::stage(o, voice(r))),
            ),
        Circle::Fallback => "The named approvers cannot act: the fallback approvers".to_owned(),
        Circle::CatalogOwners => "The named approvers cannot act: the owners of the catalog".to_owned(),
        Circle::Administrators => "The named approvers cannot act: the administrators".to_owned(),
    }
}
