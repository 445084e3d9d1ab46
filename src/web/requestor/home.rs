//! Home: what needs the person first, then what they most likely want.

use askama::Template;
use chrono_tz::Tz;

use super::access::RowView as AccessView;
use super::packages::{CardView, asker};
use super::requests::RowView as RequestView;
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, paths};
use crate::store::conversation;
use crate::store::views::{approvals, home};
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

/// `GET /`
pub async fn show(s: Signed) -> Answer {
    let (me, now) = (s.principal.clone(), s.now());
    let (home, to_decide, asked) = s
        .read(move |conn| {
            let asker = asker(conn, &me)?;
            let asked = conversation::waiting_for(conn, me.user)?;
            Ok((home::load(conn, &asker, now)?, approvals::waiting(conn, me.user, now)?, asked))
        })
        .await?;
    let first = s.principal.name.split_whitespace().next().unwrap_or("there");
    let shell = s.shell(&format!("Hello, {first}"), vec![]);
    let to_fulfil = s.visit.known.as_ref().and_then(|known| known.facts.tasks);
    let view = HomeView::of(&home, to_decide, to_fulfil, s.principal.user, s.now(), s.tz());
    let asked = asked.into_iter().map(|(id, package)| (paths::request_edit(id), package)).collect();
    page(&HomePage { shell: &shell, view, asked })
}
