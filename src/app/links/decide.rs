//! Deciding through an emailed link, and asking for its one-time code (SPEC APR-12, I11).

use serde_json::json;

use super::judge::{Open, Standing, judge};
use crate::app::request::{self, Decision};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::allowance::Allowance;
use crate::domain::approval::{Channel, Verdict};
use crate::domain::audit::{Author, ObjectKind, Record};
use crate::domain::notice::Notice;
use crate::domain::policy::LinkMode;
use crate::kernel::ids::{CodeId, EntityId as _, UserId};
use crate::kernel::secret::Token;
use crate::store::links::{self, Link};
use crate::store::views::matter::Matter;
use crate::store::{StoreError, Tx, lasting, people, requests};

/// What somebody sends off from the page of an emailed link.
#[derive(Debug, Clone)]
pub struct Through {
    /// The link's secret.
    pub token: Option<Token>,
    /// Who is signed in.
    pub visitor: Option<UserId>,
    /// The one-time code, in the mode that wants one.
    pub code: String,
    /// The version of the request that the page showed.
    pub seen_version: i64,
    /// What they choose.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// What is allowed, where that is less than was asked (SPEC APR-9).
    pub allowed: Allowance,
    /// From which address.
    pub ip: String,
    /// With which browser, as it says.
    pub agent: String,
}

/// What came of it. What has to be remembered even though nothing was decided (a wrong code, a stranger) is an
/// outcome, not an error, so that the transaction commits.
#[derive(Debug)]
pub enum Outcome {
    /// Done now, or decided by the same person before: the receipt tells.
    Done,
    /// The link is nothing to the visitor.
    Nothing,
    /// Signing in comes first.
    SignIn,
    /// The code is wrong, too old, or was tried too often.
    WrongCode,
    /// Somebody else was quicker, or the time is over.
    TooLate(Box<Matter>),
}

/// Decides, in one transaction; nothing that was checked can change in between.
pub fn decide(tx: &mut Tx<'_>, cx: &Cx, through: &Through) -> Result<Outcome, AppError> {
    let Open { link, matter, .. } = match judge(tx, cx.now, through.token.as_ref(), through.visitor)? {
        Standing::Open(open) => *open,
        Standing::Decided(_) => return Ok(Outcome::Done),
        Standing::Over(over) => return Ok(Outcome::TooLate(Box::new(over.1))),
        Standing::SignIn => return Ok(Outcome::SignIn),
        Standing::Nothing => return Ok(Outcome::Nothing),
        Standing::Foreign(link) => {
            note_stranger(tx, cx, &link, through)?;
            return Ok(Outcome::Nothing);
        }
    };
    let code: Option<CodeId> = match link.mode {
        LinkMode::Code => match links::try_code(tx, link.id, &digits(&through.code), cx.now)? {
            Some((id, true)) => Some(id),
            Some((_, false)) | None => return Ok(Outcome::WrongCode),
        },
        LinkMode::SignIn | LinkMode::NoticeOnly => None,
    };
    // In the mode with codes there may be no session: then the bound person is the author.
    let cx = &Cx {
        author: Author {
            user: Some(link.approver),
            name: people::name(tx, link.approver)?,
            origin: through.ip.clone(),
            correlation: cx.author.correlation.clone(),
        },
        ..cx.clone()
    };
    let channel = if code.is_some() { Channel::Code } else { Channel::Link };
    let decision = Decision {
        request: link.request,
        stage: Some(link.stage),
        seen_version: Some(through.seen_version),
        by: link.approver,
        verdict: through.verdict,
        reason: through.reason.clone(),
        channel,
        ip: through.ip.clone(),
    };
    // Before the decision, which takes back every link of the approver that is still unused. It was unused a moment
    // ago: whoever was quicker has committed by now, so the link is judged again, and its person hears how it
    // stands (I1, I11).
    if !links::mark_used(tx, link.id, cx.now)? {
        return Err(StoreError::Stale.into());
    }
    let decided = request::decide_within(tx, cx, &decision, through.allowed)?;
    if let Some(code) = code {
        links::mark_code_used(tx, code, cx.now)?;
    }
    let used = json!({
        "link": link.id, "mode": link.mode, "stage": link.stage, "vote": decided.vote, "agent": through.agent,
    });
    let record = Record::of("link.decide", ObjectKind::Request, link.request.uuid(), matter.package)
        .about(matter.request.subject)
        .change(json!(null), used);
    cx.record(tx, record);
    Ok(Outcome::Done)
}

/// Mails a one-time code to the address that the link is bound to, whoever asks.
pub fn request_code(
    tx: &mut Tx<'_>,
    cx: &Cx,
    token: Option<&Token>,
    visitor: Option<UserId>,
) -> Result<Outcome, AppError> {
    let Open { link, matter, .. } = match judge(tx, cx.now, token, visitor)? {
        Standing::Open(open) => *open,
        Standing::Decided(_) => return Ok(Outcome::Done),
        Standing::Over(over) => return Ok(Outcome::TooLate(Box::new(over.1))),
        Standing::SignIn => return Ok(Outcome::SignIn),
        Standing::Nothing | Standing::Foreign(_) => return Ok(Outcome::Nothing),
    };
    if link.mode != LinkMode::Code {
        return Ok(Outcome::Nothing);
    }
    let code: CodeId = cx.id();
    if !links::book_code(tx, code, &link, cx.now)? {
        return Err(Refusal::TooManyCodes.into());
    }
    notices::send(tx, cx, link.approver, Notice::DecisionCode { link: link.id }, &code.to_string())?;
    let asked = json!({ "link": link.id, "code": code, "stage": link.stage });
    let record = Record::of("link.code", ObjectKind::Request, link.request.uuid(), matter.package)
        .about(link.approver)
        .change(json!(null), asked);
    cx.record(tx, record);
    Ok(Outcome::Done)
}

/// Somebody else tried to decide through a link that was not written to them: nothing happens, but it is kept.
/// The requestor holding such a link is worth a second look.
fn note_stranger(tx: &mut Tx<'_>, cx: &Cx, link: &Link, through: &Through) -> Result<(), AppError> {
    let Some(request) = requests::find(tx, link.request)? else {
        return Ok(());
    };
    let own = through.visitor == Some(request.subject) || through.visitor == request.requestor;
    let tried = json!({
        "link": link.id, "stage": link.stage, "verdict": through.verdict, "ownRequest": own, "agent": through.agent,
    });
    let package = lasting::package_name(tx, request.package)?;
    let record = Record::of("link.refuse", ObjectKind::Request, request.id.uuid(), package)
        .about(link.approver)
        .change(json!(null), tried)
        .because(if own {
            "the requestor used an approver's link"
        } else {
            "the link belongs to somebody else"
        });
    cx.record(tx, record);
    Ok(())
}

/// The digits of a code as a person types or pastes it: blanks and dashes do not count.
fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16).collect()
}
