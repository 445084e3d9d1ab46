//! The list of users (SPEC DIR-2, PGE-2).

use diesel::prelude::*;

use crate::domain::directory::UserKind;
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::users;
use crate::store::search;

/// Which users are wanted.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Words in name, address, department, job title or number.
    pub q: String,
    /// Only members, or only guests.
    pub kind: Option<UserKind>,
    /// Only enabled ones, or only disabled ones.
    pub enabled: Option<bool>,
    /// Only those of this department.
    pub department: Option<String>,
    /// Deleted ones instead of the others.
    pub deleted: bool,
}

text_enum! {
    /// What the list is ordered by.
    pub enum UserOrder {
        /// Name.
        Name = "name",
        /// Address.
        Email = "email",
        /// Department.
        Department = "department",
        /// Last sign-in; those who never signed in are last.
        LastSignIn = "lastSignIn",
    }
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct UserLine {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Member or guest.
    pub kind: UserKind,
    /// Their department, may be empty.
    pub department: String,
    /// Their job title, may be empty.
    pub job_title: String,
    /// May they sign in?
    pub enabled: bool,
    /// When the account was made.
    pub created_at: Moment,
    /// Last successful sign-in.
    pub last_sign_in_at: Option<Moment>,
    /// Since when they are deleted.
    pub deleted_at: Option<Moment>,
    /// Their manager's name.
    pub manager: Option<String>,
}

type Row = (
    (UserId, String, String, UserKind, String, String),
    (bool, Moment, Option<Moment>, Option<Moment>),
    Option<String>,
);

fn line(row: Row) -> UserLine {
    let (
        (id, name, email, kind, department, job_title),
        (enabled, created_at, last_sign_in_at, deleted_at),
        manager,
    ) = row;
    UserLine {
        id,
        name,
        email,
        kind,
        department,
        job_title,
        enabled,
        created_at,
        last_sign_in_at,
        deleted_at,
        manager,
    }
}

/// The users that the filter lets through, one page of them, in a stable order.
pub fn list(
    conn: &mut Conn,
    filter: &UserFilter,
    order: UserOrder,
    descending: bool,
    at: PageRequest,
) -> Result<Page<UserLine>, StoreError> {
    let managers = diesel::alias!(users as managers);
    macro_rules! matching {
        ($query:expr) => {{
            let mut query = $query.into_boxed::<MultiBackend>();
            query = if filter.deleted {
                query.filter(users::deleted_at.is_not_null())
            } else {
                query.filter(users::deleted_at.is_null())
            };
            for pattern in search::patterns(&filter.q) {
                query = query.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(users::kind.eq(kind));
            }
            if let Some(enabled) = filter.enabled {
                query = query.filter(users::enabled.eq(enabled));
            }
            if let Some(department) = filter.department.clone() {
                query = query.filter(users::department.eq(department));
            }
            query
        }};
    }
    let total = matching!(users::table).count().get_result(conn)?;
    let all = matching!(
        users::table.left_join(managers.on(users::manager_id.eq(managers.field(users::id).nullable())))
    );
    let name = users::name_folded;
    let ordered = match (order, descending) {
        (UserOrder::Name, false) => all.order((name.asc(), users::id.asc())),
        (UserOrder::Name, true) => all.order((name.desc(), users::id.desc())),
        (UserOrder::Email, false) => all.order((users::email_folded.asc(), users::id.asc())),
        (UserOrder::Email, true) => all.order((users::email_folded.desc(), users::id.desc())),
        (UserOrder::Department, false) => all.order((users::department.asc(), name.asc(), users::id.asc())),
        (UserOrder::Department, true) => all.order((users::department.desc(), name.asc(), users::id.asc())),
        (UserOrder::LastSignIn, false) => {
            all.order((users::last_sign_in_at.is_null(), users::last_sign_in_at.asc(), users::id.asc()))
        }
        (UserOrder::LastSignIn, true) => {
            all.order((users::last_sign_in_at.is_null(), users::last_sign_in_at.desc(), users::id.asc()))
        }
    };
    let rows: Vec<Row> = ordered
        .limit(at.size)
        .offset(at.offset())
        .select((
            (users::id, users::display_name, users::email, users::kind, users::department, users::job_title),
            (users::enabled, users::created_at, users::last_sign_in_at, users::deleted_at),
            managers.field(users::display_name).nullable(),
        ))
        .load(conn)?;
    Ok(Page { items: rows.into_iter().map(line).collect(), total, at })
}

/// The departments that people are in, for the filter.
pub fn departments(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(users::table
        .filter(users::deleted_at.is_null())
        .filter(users::department.ne(""))
        .select(users::department)
        .distinct()
        .order(users::department)
        .limit(500)
        .load(conn)?)
}
