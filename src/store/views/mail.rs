//! The Mail page: every notice with its state, and what it said (SPEC NOT-4). What is kept holds no secret: the
//! tokens of links and the codes were masked before.

use diesel::prelude::*;

use crate::domain::access::Viewer;
use crate::domain::notice::NoticeState;
use crate::kernel::ids::{NoticeId, RequestId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{notices as t, users};
use crate::store::search;

/// A line of the list.
#[derive(Debug, Clone, Queryable)]
pub struct MailLine {
    /// Which notice.
    pub id: NoticeId,
    /// Its kind.
    pub kind: String,
    /// How far it is.
    pub state: NoticeState,
    /// Whom it is for.
    pub recipient: Option<UserId>,
    /// Their name at the time.
    pub name: String,
    /// Their address at the time.
    pub address: String,
    /// The subject; empty before it is rendered.
    pub subject: String,
    /// When the event happened.
    pub created_at: Moment,
    /// When it is sent at the earliest.
    pub not_before: Moment,
    /// When it was sent last.
    pub sent_at: Option<Moment>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it was dropped or not sent.
    pub error: Option<String>,
}

type Columns = (
    t::id,
    t::kind,
    t::state,
    t::recipient_id,
    t::display_name,
    t::address,
    t::subject,
    t::created_at,
    t::not_before,
    t::sent_at,
    t::attempts,
    t::last_error,
);
const COLUMNS: Columns = (
    t::id,
    t::kind,
    t::state,
    t::recipient_id,
    t::display_name,
    t::address,
    t::subject,
    t::created_at,
    t::not_before,
    t::sent_at,
    t::attempts,
    t::last_error,
);

/// What of the list is wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words of the recipient's name, address or department.
    pub q: String,
    /// One state only.
    pub state: Option<NoticeState>,
    /// One kind only.
    pub kind: Option<String>,
    /// Oldest first?
    pub oldest_first: bool,
}

/// One page of the notices, newest first. Only who may see everything sees any.
pub fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    at: PageRequest,
) -> Result<Page<MailLine>, StoreError> {
    if !viewer.everything {
        return Ok(Page { items: Vec::new(), total: 0, at });
    }
    macro_rules! matching {
        () => {{
            let mut query = t::table.left_join(users::table).into_boxed::<MultiBackend>();
            for pattern in search::patterns(&filter.q) {
                query = query.filter(
                    users::search_folded.nullable().assume_not_null().like(pattern).escape(search::ESCAPE),
                );
            }
            if let Some(state) = filter.state {
                query = query.filter(t::state.eq(state));
            }
            if let Some(kind) = filter.kind.clone() {
                query = query.filter(t::kind.eq(kind));
            }
            query
        }};
    }
    let total = matching!().count().get_result(conn)?;
    let ordered = if filter.oldest_first {
        matching!().order((t::created_at.asc(), t::id.asc()))
    } else {
        matching!().order((t::created_at.desc(), t::id.desc()))
    };
    let items = ordered.select(COLUMNS).limit(at.size).offset(at.offset()).load(conn)?;
    Ok(Page { items, total, at })
}

/// How many notices there are in each state, those with none left out.
pub fn counts(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<(NoticeState, i64)>, StoreError> {
    if !viewer.everything {
        return Ok(Vec::new());
    }
    Ok(t::table.group_by(t::state).select((t::state, diesel::dsl::count_star())).load(conn)?)
}

/// A notice with what it said.
#[derive(Debug, Clone)]
pub struct MailDetail {
    /// Its line in the list.
    pub line: MailLine,
    /// Its Message-ID.
    pub message_id: String,
    /// The request that it concerns.
    pub request: Option<RequestId>,
    /// Language and region of the recipient.
    pub locale: String,
    /// Time zone of the recipient.
    pub time_zone: String,
    /// The text part; empty before it is rendered.
    pub text: String,
    /// The HTML part; empty before it is rendered.
    pub html: String,
    /// Why the changed texts of its kind could not be used (SPEC NOT-6).
    pub text_problem: Option<String>,
}

/// One notice; `None` if there is none, or the viewer may not know.
pub fn find(conn: &mut Conn, viewer: &Viewer, id: NoticeId) -> Result<Option<MailDetail>, StoreError> {
    if !viewer.everything {
        return Ok(None);
    }
    type More = (String, Option<RequestId>, String, String, String, String, Option<String>);
    let row: Option<(MailLine, More)> = t::table
        .find(id)
        .select((
            COLUMNS,
            (
                t::message_id,
                t::request_id,
                t::locale,
                t::time_zone,
                t::body_text,
                t::body_html,
                t::text_problem,
            ),
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(line, (message_id, request, locale, time_zone, text, html, text_problem))| MailDetail {
        line,
        message_id,
        request,
        locale,
        time_zone,
        text,
        html,
        text_problem,
    }))
}

/// The mails of a request, oldest first: for its timeline (SPEC REQ-8).
pub fn of_request(conn: &mut Conn, request: RequestId) -> Result<Vec<MailLine>, StoreError> {
    Ok(t::table.filter(t::request_id.eq(request)).order((t::created_at, t::id)).select(COLUMNS).load(conn)?)
}
