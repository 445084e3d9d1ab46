//! For whom requests wait, in short (SPEC REQ-8): for lists of one's own requests, in a bounded number of queries.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::approvals::terms_of;
use super::matter::said;
use crate::domain::approval;
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::{PackageId, PolicyId, RequestId, UserId};
use crate::store::approvers::{self, Question};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::people;
use crate::store::schema::requests;

type Row = (RequestId, UserId, Option<UserId>, PackageId, (PolicyId, i32), i32, bool);

/// The names of those who can decide each of these requests now. Left out is what waits for nobody, and where the
/// policy keeps the names from the person who asked.
pub fn whom(
    conn: &mut Conn,
    now: Moment,
    wanted: &[RequestId],
) -> Result<HashMap<RequestId, Vec<String>>, StoreError> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = requests::table
        .filter(requests::id.eq_any(wanted.to_vec()))
        .filter(requests::state.eq(RequestState::PendingApproval))
        .select((
            requests::id,
            requests::subject_id,
            requests::requestor_id,
            requests::package_id,
            (requests::policy_id, requests::policy_version),
            requests::stage,
            requests::escalated,
        ))
        .load(conn)?;
    let terms = terms_of(conn, rows.iter().map(|r| r.4).collect())?;
    let (ids, questions): (Vec<RequestId>, Vec<Question<'_>>) = rows
        .iter()
        .filter_map(|r| {
            let terms = terms.get(&r.4).filter(|terms| terms.show_approvers)?;
            let stage = terms.stages.get(usize::try_from(r.5).ok()?.checked_sub(1)?)?;
            let question = Question { stage, subject: r.1, requestor: r.2, package: r.3, escalated: r.6 };
            Some((r.0, question))
        })
        .unzip();
    if questions.is_empty() {
        return Ok(HashMap::new());
    }
    let deciders: Vec<_> =
        approvers::facts_of(conn, now, &questions)?.iter().map(approval::deciders).collect();
    let everybody: BTreeSet<UserId> = deciders.iter().flat_map(approval::Deciders::everybody).collect();
    let names = people::names(conn, &everybody)?;
    Ok(ids.into_iter().zip(deciders).map(|(id, deciders)| (id, said(&deciders, &names))).collect())
}
