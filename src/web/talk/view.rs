//! The conversation of a request as one person sees it.

use std::collections::BTreeSet;

use crate::app::request::talk_standing;
use crate::domain::access::CatalogTask;
use crate::domain::conversation::{COMMENT_MAX, SpeaksAs, check_open};
use crate::domain::request::RequestState;
use crate::kernel::ids::{RequestId, UserId};
use crate::kernel::paths;
use crate::kernel::secret::Token;
use crate::store::{conversation, lasting, people, policies, requests};
use crate::web::ui::{FieldView, FormView, PersonView, When};
use crate::web::{FormErrors, PageError, Signed};

/// How an approver is shown whose name the policy keeps to itself.
const SOMEBODY: &str = "An approver";

/// The page that shows the conversation, and to which its forms lead back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The request's page.
    Request,
    /// The decide page.
    Approval,
}

impl From {
    /// The word in the form.
    pub fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Approval => "approval",
        }
    }

    /// The page that a form came from.
    pub fn of(word: &str) -> Self {
        if word == "approval" { Self::Approval } else { Self::Request }
    }

    /// Its address.
    pub fn path(self, id: RequestId) -> String {
        match self {
            Self::Request => paths::request(id),
            Self::Approval => paths::approval(id),
        }
    }
}

/// Something that was said.
#[derive(Debug, Clone)]
pub struct SaidView {
    /// Its id.
    pub id: String,
    /// Who said it, and as what.
    pub who: PersonView,
    /// When.
    pub when: When,
    /// What.
    pub text: String,
    /// Changes that were asked for, not a mere comment.
    pub asks: bool,
}

/// Changes that the request waits for.
#[derive(Debug, Clone)]
pub struct AskedView {
    /// Who asked.
    pub by: String,
    /// When.
    pub when: When,
    /// What to change.
    pub text: String,
    /// Where the requestor changes it.
    pub edit_href: Option<String>,
}

/// That the policy has been changed since (SPEC POL-4).
#[derive(Debug, Clone)]
pub struct VersionView {
    /// In a sentence.
    pub text: String,
    /// The comparison, for those who may see it.
    pub href: Option<String>,
}

/// The conversation.
#[derive(Debug, Clone)]
pub struct TalkView {
    /// What the request waits for.
    pub asked: Option<AskedView>,
    /// What was said, the oldest first.
    pub items: Vec<SaidView>,
    /// The form for a comment, for whoever may speak.
    pub form: Option<FormView>,
    /// Why nothing can be said any more.
    pub closed: Option<String>,
    /// The form that asks for changes, for whoever can decide.
    pub ask: Option<FormView>,
    /// If the policy was changed since the request was made.
    pub version: Option<VersionView>,
}

/// The conversation as this person sees it; `None` if it is nothing to them. `decides` says that they can decide now.
pub async fn view(
    s: &Signed,
    csrf: &str,
    id: RequestId,
    from: From,
    decides: bool,
) -> Result<Option<TalkView>, PageError> {
    let (me, now, tz) = (s.principal.clone(), s.now(), s.tz());
    let loaded = s
        .read(move |conn| {
            let Some(request) = requests::find(conn, id)? else {
                return Ok(None);
            };
            let standing = talk_standing(conn, now, &me, &request)?;
            if !standing.reads {
                return Ok(None);
            }
            let comments = conversation::comments_of(conn, id)?;
            let changes = conversation::changes_of(conn, id)?;
            let who: BTreeSet<UserId> =
                comments.iter().map(|c| c.author).chain(changes.iter().map(|c| c.by)).collect();
            let names = people::names(conn, &who)?;
            let terms = policies::terms(conn, request.policy, request.policy_version)?;
            let catalog = lasting::catalog_of(conn, request.package)?;
            let policy = policies::find(conn, request.policy)?;
            let sees = me.may_in(CatalogTask::SeeAssignments, catalog);
            let hides = !terms.show_approvers && standing.speaks == Some(SpeaksAs::Requestor) && !sees;
            let compares = me.may_in(CatalogTask::See, catalog);
            Ok(Some((request, standing, comments, changes, names, hides, policy, compares, me.user)))
        })
        .await?;
    let Some((request, standing, comments, changes, names, hides, policy, compares, user)) = loaded else {
        return Ok(None);
    };
    let when = |at: crate::kernel::Moment| When::new(*at, *now, tz);
    let name = |id: &UserId| names.get(id).cloned().unwrap_or_default();
    let shown = |id: &UserId, as_what: SpeaksAs| {
        if hides && as_what == SpeaksAs::Approver { SOMEBODY.to_owned() } else { name(id) }
    };
    let mut items: Vec<(crate::kernel::Moment, SaidView)> = comments
        .iter()
        .map(|c| {
            let view = SaidView {
                id: c.id.to_string(),
                who: PersonView::new(shown(&c.author, c.author_as), c.author_as.words()),
                when: when(c.at),
                text: c.text.clone(),
                asks: false,
            };
            (c.at, view)
        })
        .collect();
    items.extend(changes.iter().map(|c| {
        let view = SaidView {
            id: c.id.to_string(),
            who: PersonView::new(shown(&c.by, SpeaksAs::Approver), "asks for changes"),
            when: when(c.at),
            text: c.text.clone(),
            asks: true,
        };
        (c.at, view)
    }));
    items.sort_by_key(|(at, _)| *at);
    let pending = request.state == RequestState::PendingApproval;
    let open = changes.iter().find(|c| c.ended_at.is_none()).filter(|_| pending);
    let closed = check_open(request.state, request.completed_at, now).err();
    let speaks = standing.speaks.is_some();
    let form = if speaks && closed.is_none() {
        let token = Token::generate()?.reveal().to_owned();
        Some(comment_form(id, from, csrf, "", &token, &FormErrors::new()))
    } else {
        None
    };
    let ask = (decides && open.is_none() && request.requestor.is_some())
        .then(|| ask_form(id, request.version, request.stage, csrf, "", &FormErrors::new()));
    Ok(Some(TalkView {
        asked: open.map(|c| AskedView {
            by: shown(&c.by, SpeaksAs::Approver),
            when: when(c.at),
            text: c.text.clone(),
            edit_href: (request.requestor == Some(user)).then(|| paths::request_edit(id)),
        }),
        items: items.into_iter().map(|(_, item)| item).collect(),
        form,
        closed: closed.filter(|_| speaks).map(|refusal| refusal.to_string()),
        ask,
        version: policy
            .filter(|p| request.state.is_open() && p.current_version != request.policy_version)
            .map(|p| VersionView {
                text: format!(
                    "Decided under version {} of the policy; by now it has version {}.",
                    request.policy_version, p.current_version
                ),
                href: compares.then(|| {
                    format!(
                        "{}/{}/compare?from={}&to={}",
                        paths::manage_package_tab(request.package, "policies"),
                        p.id,
                        request.policy_version,
                        p.current_version
                    )
                }),
            }),
    }))
}

fn most() -> u32 {
    u32::try_from(COMMENT_MAX).unwrap_or(u32::MAX)
}

/// The form for a comment.
pub fn comment_form(
    id: RequestId,
    from: From,
    csrf: &str,
    text: &str,
    token: &str,
    errors: &FormErrors,
) -> FormView {
    FormView::new(paths::request_comments(id), csrf, "Add comment")
        .field(FieldView::hidden("token", token))
        .field(FieldView::hidden("from", from.word()))
        .field(
            FieldView::textarea("text", "Your comment")
                .id("f-comment")
                .value(text)
                .rows(3)
                .maxlength(most())
                .hint("Everybody who is involved in this request can read it, and gets it by mail.")
                .error(errors.of("text"))
                .required(),
        )
        .checked(errors.form.clone())
}

/// The form that asks for changes.
pub fn ask_form(
    id: RequestId,
    version: i64,
    stage: u8,
    csrf: &str,
    text: &str,
    errors: &FormErrors,
) -> FormView {
    FormView::new(paths::approval_changes(id), csrf, "Ask for changes")
        .field(FieldView::hidden("version", version.to_string()))
        .field(FieldView::hidden("stage", stage.to_string()))
        .field(
            FieldView::textarea("text", "What should be different?")
                .id("f-changes")
                .value(text)
                .rows(3)
                .maxlength(most())
                .hint("The requestor gets this by mail, changes the request and sends it back to this stage. The time to decide goes on meanwhile.")
                .error(errors.of("text"))
                .required(),
        )
        .checked(errors.form.clone())
}
