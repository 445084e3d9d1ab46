//! What an emailed link is to the one who holds it.

use chrono_tz::Tz;

use crate::domain::link::Change;
use crate::domain::policy::LinkMode;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;
use crate::kernel::secret::Token;
use crate::kernel::text::fold;
use crate::store::links::{self, Link};
use crate::store::requests::VoteRow;
use crate::store::views::matter::{self, Matter};
use crate::store::{Conn, StoreError, users};

/// What an emailed link is to its visitor.
#[derive(Debug)]
pub enum Standing {
    /// No link, or none any more: the visitor learns nothing, not even which of the two.
    Nothing,
    /// Somebody else's link: the visitor sees the same as with [`Standing::Nothing`].
    Foreign(Box<Link>),
    /// Signing in comes first; until then nothing is told.
    SignIn,
    /// It decides.
    Open(Box<Open>),
    /// Decided already, by whatever way: by its person, whose id this is, or in their place (SPEC APR-11).
    Decided(Box<(Matter, VoteRow, UserId)>),
    /// Too late: the stage is over, and its person may know how.
    Over(Box<(Link, Matter)>),
}

/// A link that decides.
#[derive(Debug)]
pub struct Open {
    /// The link.
    pub link: Link,
    /// The request.
    pub matter: Matter,
    /// What is not as the mail told it.
    pub changes: Vec<Change>,
    /// The zone in which its person reads times.
    pub zone: Option<Tz>,
    /// A code is on its way or good until then.
    pub code_until: Option<Moment>,
}

/// Judges a link, in this order: is it known; is it the visitor's; has its person decided; are they still an
/// approver, at the address that the mail went to (I5); is the stage still asked, and the link in time.
pub fn judge(
    conn: &mut Conn,
    now: Moment,
    token: Option<&Token>,
    visitor: Option<UserId>,
) -> Result<Standing, StoreError> {
    let link = match token {
        Some(token) => links::find(conn, token)?,
        None => None,
    };
    let Some(link) = link else {
        return Ok(Standing::Nothing);
    };
    match (link.mode, visitor) {
        (LinkMode::NoticeOnly, _) => return Ok(Standing::Nothing),
        (_, Some(who)) if who != link.approver => return Ok(Standing::Foreign(Box::new(link))),
        (LinkMode::SignIn, None) => return Ok(Standing::SignIn),
        (LinkMode::SignIn | LinkMode::Code, _) => {}
    }
    let known = visitor.is_some();
    let approver = users::find(conn, link.approver)?.filter(|u| u.enabled);
    let zone = approver.as_ref().and_then(|u| u.profile.time_zone.parse().ok());
    let at_home = approver.is_some_and(|u| fold(u.profile.email.as_str()) == fold(&link.address));
    let in_time = now < link.expires_at;
    // Without a session only the link itself speaks for the visitor, so it says nothing once its time is over.
    if !known && (!at_home || !in_time) {
        return Ok(Standing::Nothing);
    }
    let Some(matter) = matter::load(conn, link.request, now)? else {
        return Ok(Standing::Nothing);
    };
    // Theirs is also what somebody decided in their place (SPEC APR-11).
    let theirs = |v: &&VoteRow| v.by == link.approver || v.place() == link.approver;
    let own = matter.votes.iter().filter(theirs).find(|v| v.stage == link.stage);
    if let Some(vote) = own.cloned() {
        return Ok(Standing::Decided(Box::new((matter, vote, link.approver))));
    }
    let asked_now = matter.request.stage == link.stage && matter.may_decide(link.approver, now).is_ok();
    if asked_now && at_home && in_time && link.revoked_at.is_none() && link.used_at.is_none() {
        return Ok(Standing::Open(Box::new(Open {
            zone,
            changes: link.seen.changes(&matter.seen()),
            code_until: match link.mode {
                LinkMode::Code => links::code_until(conn, link.id, now)?,
                LinkMode::SignIn | LinkMode::NoticeOnly => None,
            },
            matter,
            link,
        })));
    }
    if known
        && at_home
        && !asked_now
        && matter::belongs_to_stage(conn, &matter, link.stage, link.approver, now)?
    {
        return Ok(Standing::Over(Box::new((link, matter))));
    }
    Ok(Standing::Nothing)
}
