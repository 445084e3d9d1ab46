//! Drafts: what would be done to whom, and what would not, and why (SPEC PGE-4, ASG-2). Nothing is changed yet.

use std::collections::HashMap;

use crate::app::request::{self, Direct};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::bulk::{
    Assign, MOST_ROWS, NewEnd, RowState, RowWish, What, row_state, words_for_managers,
};
use crate::kernel::ids::{AssignmentId, BulkWorkId, PackageId, UserId};
use crate::kernel::{Moment, text};
use crate::store::bulk::{self, WorkRow};
use crate::store::views::bulk as views;
use crate::store::{Conn, StoreError, Tx, assignments, lasting, standing};

/// Somebody who is to get the package: what was typed, and what else that line says.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// An address, or a name.
    pub typed: String,
    /// What the line says that differs from the rest.
    pub wish: RowWish,
    /// What is wrong with the line, if it cannot be read.
    pub problem: Option<String>,
}

/// Drafts an assignment to these people, with what would become of each (SPEC ASG-1).
pub fn assign_draft(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    package: PackageId,
    all: Assign,
    entries: Vec<Entry>,
) -> Result<BulkWorkId, AppError> {
    if entries.is_empty() {
        return Err(Refusal::NothingToDo.into());
    }
    if entries.len() > MOST_ROWS {
        return Err(Refusal::TooMany(MOST_ROWS).into());
    }
    let ready = request::ready(tx, by, package, all.policy)?;
    let typed: Vec<String> = entries.iter().map(|e| text::fold(&e.typed)).collect();
    let known = views::people_called(tx, &typed)?;
    let mut people: Vec<UserId> = known.values().flatten().copied().collect();
    people.sort_unstable();
    people.dedup();
    let standings = standing::of(tx, &people, package, cx.now)?;
    let mut seen: HashMap<UserId, i32> = HashMap::new();
    let mut rows = Vec::with_capacity(entries.len());
    for (position, entry) in (1..).zip(entries) {
        let mut row = WorkRow {
            position,
            subject: None,
            assignment: None,
            wish: entry.wish,
            state: RowState::Waiting,
            words: String::new(),
            request: None,
            typed: entry.typed,
        };
        let found = known.get(&text::fold(&row.typed)).map_or(&[][..], Vec::as_slice);
        let refused = match (entry.problem, found) {
            (Some(problem), _) => Some(problem),
            (None, []) => Some("Nobody with this address or name is known here.".to_owned()),
            (None, [_, _, ..]) => {
                Some("Several people have this name. Write the address instead.".to_owned())
            }
            (None, [user]) => {
                row.subject = Some(*user);
                seen.get(user).map(|first| format!("The same person as in row {first}."))
            }
        };
        if let Some(words) = refused {
            (row.state, row.words) = (RowState::Refused, words);
            rows.push(row);
            continue;
        }
        if let Some(user) = row.subject {
            seen.insert(user, position);
            let wish = Direct::of_row(package, user, &all, &row.wish);
            match request::judge(tx, cx, by, &ready, standings.get(&user), &wish) {
                Ok(judged) if judged.asks_approvers() => {
                    "Approvers are asked first.".clone_into(&mut row.words);
                }
                Ok(_) => {}
                Err(error) => (row.state, row.words) = verdict(error)?,
            }
        }
        rows.push(row);
    }
    let id: BulkWorkId = cx.id();
    bulk::insert(tx, id, package, by.user, &What::Assign(all), &rows, cx.now)?;
    Ok(id)
}

/// What an error makes of one row; what is not about the row breaks off everything.
pub(super) fn verdict(error: AppError) -> Result<(RowState, String), AppError> {
    match error {
        AppError::Refused(refusal) => Ok((row_state(&refusal), words_for_managers(&refusal))),
        AppError::Denied(denied @ access::Denied::Forbidden { .. }) => {
            Ok((RowState::Refused, denied.to_string()))
        }
        AppError::NotFound => Ok((RowState::Refused, "This is not there any more.".to_owned())),
        AppError::Store(error @ (StoreError::Taken(_) | StoreError::Missing(_) | StoreError::Corrupt(_))) => {
            tracing::error!(%error, "a row of bulk work broke");
            Ok((RowState::Failed, "Something broke here; the log of the portal says what.".to_owned()))
        }
        other => Err(other),
    }
}

/// Drafts the removal of these assignments of a package (SPEC ASG-3).
pub fn remove_draft(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    package: PackageId,
    ids: &[AssignmentId],
) -> Result<BulkWorkId, AppError> {
    draft_of(tx, cx, by, package, ids, &What::Remove { reason: String::new() })
}

/// Drafts another end for these assignments of a package. Which end is said next, by [`check_end`].
pub fn end_draft(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    package: PackageId,
    ids: &[AssignmentId],
) -> Result<BulkWorkId, AppError> {
    draft_of(tx, cx, by, package, ids, &What::ChangeEnd { end: None, reason: String::new() })
}

fn draft_of(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    package: PackageId,
    ids: &[AssignmentId],
    what: &What,
) -> Result<BulkWorkId, AppError> {
    access::manage_assignments(by, lasting::catalog_of(tx, package)?)?;
    if ids.is_empty() {
        return Err(Refusal::NothingToDo.into());
    }
    if ids.len() > MOST_ROWS {
        return Err(Refusal::TooMany(MOST_ROWS).into());
    }
    let live = views::live_among(tx, package, ids, cx.now)?;
    if live.is_empty() {
        return Err(Refusal::NothingToDo.into());
    }
    let rows: Vec<WorkRow> = (1..)
        .zip(live)
        .map(|(position, (assignment, user, email))| WorkRow {
            position,
            typed: email,
            subject: Some(user),
            assignment: Some(assignment),
            wish: RowWish::default(),
            state: RowState::Waiting,
            words: String::new(),
            request: None,
        })
        .collect();
    let id: BulkWorkId = cx.id();
    bulk::insert(tx, id, package, by.user, what, &rows, cx.now)?;
    Ok(id)
}

/// Says to which end a draft changes its assignments, and what would become of each: before and after, or why not.
pub fn check_end(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    id: BulkWorkId,
    end: NewEnd,
    reason: &str,
) -> Result<(), AppError> {
    let work = super::managed(tx, by, id)?;
    if work.created_by != by.user {
        return Err(access::Denied::Invisible.into());
    }
    let Ok(What::ChangeEnd { .. }) = work.what else {
        return Err(AppError::NotFound);
    };
    let reason = text::lines(reason, request::REASON_MAX).map_err(|e| Refusal::BadText(e.to_string()))?;
    if !bulk::redraft(tx, id, &What::ChangeEnd { end: Some(end), reason })? {
        return Err(Refusal::WorkBegun.into());
    }
    let mut rows = bulk::rows(tx, id)?;
    for row in &mut rows {
        (row.state, row.words) = match planned(tx, cx, row.assignment, end) {
            Ok(planned) => {
                row.wish.end = planned;
                (RowState::Waiting, String::new())
            }
            Err(error) => verdict(error)?,
        };
    }
    bulk::judge(tx, id, &rows)?;
    Ok(())
}

fn planned(
    conn: &mut Conn,
    cx: &Cx,
    id: Option<AssignmentId>,
    end: NewEnd,
) -> Result<Option<Moment>, AppError> {
    let id = id.ok_or(AppError::NotFound)?;
    let held = assignments::find(conn, id)?.ok_or(AppError::NotFound)?;
    request::planned_end(conn, cx, &held, end)
}
