//! Home: what needs the person first, then what they most likely want.

use askama::Template;
use chrono_tz::Tz;

use super::access::RowView as AccessView;
use super::packages::{CardView, asker};
use super::request_list::RowView as RequestView;
use crate::app::AppError;
use crate::domain::access::{CatalogTask, Principal};
use crate::domain::following::Target;
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, paths};
use crate::store::views::{approvals, home};
use crate::store::{Conn, conversation, groups, packages, policies, rules};
use crate::web::ui::{Empty, Shell};
use crate::web::{Answer, Signed, page};

/// The page as it is shown.
#[derive(Debug, Clone)]
pub struct HomeView {
    pub to_decide: i64,
    /// What is to be done by hand.
    pub to_fulfil: i64,
    /// Does the person do such things at all?
    pub fulfils: bool,
    pub open_total: i64,
    pub active: i64,
    pub open: Vec<RequestView>,
    pub ending: Vec<AccessView>,
    pub suggested: Vec<CardView>,
    pub calm: Option<Empty>,
}

#[derive(Template)]
#[template(path = "requestor/home.html")]
pub struct HomePage<'a> {
    pub shell: &'a Shell,
    pub view: HomeView,
    /// Own requests that wait for changes: where, and for which package.
    pub asked: Vec<(String, String)>,
    /// Rules that stopped and wait for this person: where, and of what (SPEC AUT-4).
    pub stopped: Vec<(String, String)>,
}

impl HomeView {
    pub fn of(
        home: &home::Home,
        to_decide: i64,
        to_fulfil: Option<i64>,
        me: UserId,
        now: Moment,
        tz: Tz,
    ) -> Self {
        let calm =
            to_decide == 0 && to_fulfil.unwrap_or(0) == 0 && home.open.total == 0 && home.ending.is_empty();
        Self {
            to_decide,
            to_fulfil: to_fulfil.unwrap_or(0),
            fulfils: to_fulfil.is_some(),
            open_total: home.open.total,
            active: home.active,
            open: home
                .open
                .items
                .iter()
                .map(|r| RequestView::of(r, me, now, tz))
                .collect(),
            ending: home.ending.iter().map(|r| AccessView::of(r, now, tz)).collect(),
            suggested: home.suggested.iter().map(CardView::of).collect(),
            calm: calm.then(|| {
                Empty::new(
                    "check2-all",
                    "Nothing needs you now",
                    "No decision waits for you, none of your requests is open, and none of your access ends soon.",
                )
                .action("Find a package", "/packages")
            }),
        }
    }
}

/// The rules that stopped and that this person can answer for.
fn stopped_for(conn: &mut Conn, me: &Principal) -> Result<Vec<(String, String)>, AppError> {
    let mut all = Vec::new();
    if me.catalogs.is_empty() && !me.is_administrator() {
        return Ok(all);
    }
    for target in rules::stopped(conn)? {
        match target {
            Target::Group(id) if me.is_administrator() => {
                let group = groups::find(conn, id)?;
                all.extend(
                    group.map(|g| (paths::group_page(id, "rule"), format!("the group {}", g.fields.name))),
                );
            }
            Target::Group(_) => {}
            Target::Policy(id) => {
                let Some(policy) = policies::find(conn, id)? else { continue };
                let Some(package) = packages::find(conn, policy.package)? else { continue };
                if me.may_in(CatalogTask::Packages, package.catalog) {
                    let tab = paths::manage_package_tab(package.id, "policies");
                    let what = format!("the policy {} of {}", policy.fields.name, package.name);
                    all.push((format!("{tab}/{id}/rule"), what));
                }
            }
        }
    }
    Ok(all)
}

/// `GET /`
pub async fn show(s: Signed) -> Answer {
    let (me, now) = (s.principal.clone(), s.now());
    let (home, to_decide, asked, stopped) = s
        .read(move |conn| {
            let asker = asker(conn, &me)?;
            let asked = conversation::waiting_for(conn, me.user)?;
            let to_decide = approvals::waiting(conn, me.user, now)?;
            Ok((home::load(conn, &asker, now)?, to_decide, asked, stopped_for(conn, &me)?))
        })
        .await?;
    let first = s.principal.name.split_whitespace().next().unwrap_or("there");
    let shell = s.shell(&format!("Hello, {first}"), vec![]);
    let to_fulfil = s.visit.known.as_ref().and_then(|known| known.facts.tasks);
    let view = HomeView::of(&home, to_decide, to_fulfil, s.principal.user, s.now(), s.tz());
    let asked = asked.into_iter().map(|(id, package)| (paths::request_edit(id), package)).collect();
    page(&HomePage { shell: &shell, view, asked, stopped })
}
