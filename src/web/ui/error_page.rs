//! The pages for what went wrong. Each says what happened in everyday words, what to do next, and a code and the
//! request's id that lead an administrator to the cause in the log.

use askama::Template;

use super::{Action, Shell};

/// What an error page says.
#[derive(Clone, Debug)]
pub struct ErrorView {
    /// The HTTP status.
    pub status: u16,
    /// A stable code: `forbidden`, `not-found`.
    pub code: String,
    /// The id of the request, as in the log.
    pub request_id: String,
    /// An icon of the sprite.
    pub icon: &'static str,
    /// What happened.
    pub title: String,
    /// What it means, a paragraph each.
    pub text: Vec<String>,
    /// What to do next.
    pub action: Option<Action>,
}

impl ErrorView {
    fn new(
        status: u16,
        code: &str,
        request_id: &str,
        icon: &'static str,
        title: &str,
        text: Vec<String>,
    ) -> Self {
        Self {
            status,
            code: code.to_owned(),
            request_id: request_id.to_owned(),
            icon,
            title: title.to_owned(),
            text,
            action: Some(Action { label: "Go to the start page".to_owned(), href: "/".to_owned() }),
        }
    }

    /// Another next step.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some(Action { label: label.into(), href: href.into() });
        self
    }

    /// 400: the address or form makes no sense.
    pub fn bad_request(request_id: &str) -> Self {
        let text = vec!["Part of the address or of the form is missing or damaged. Go back, reload the page and try again.".to_owned()];
        Self::new(400, "bad-request", request_id, "question-circle", "That could not be read", text)
    }

    /// 403: the form's token does not fit the session.
    pub fn stale_form(request_id: &str) -> Self {
        let text = vec!["This form belongs to an earlier sign-in, or it was sent from another site. Nothing was changed. Go back, reload the page and send it again.".to_owned()];
        Self::new(403, "stale-form", request_id, "shield-exclamation", "This form is too old", text)
    }

    /// 403: known, but not allowed: which role it needs and who can grant it.
    pub fn forbidden(request_id: &str, needs: &str, granted_by: &str) -> Self {
        let text =
            vec![format!("This needs the role {needs}."), format!("Who can give it to you: {granted_by}.")];
        Self::new(403, "forbidden", request_id, "shield-lock", "You may not do this", text)
    }

    /// 404: not there, or not for this person; the page does not tell which.
    pub fn not_found(request_id: &str) -> Self {
        let text = vec!["There is nothing at this address, or it is not visible to you. It may have been deleted, or the link may be incomplete.".to_owned()];
        Self::new(404, "not-found", request_id, "search", "Nothing here", text)
    }

    /// 409: somebody was faster, or a rule refuses it; `reason` is the rule's own sentence.
    pub fn conflict(request_id: &str, reason: &str) -> Self {
        Self::new(
            409,
            "conflict",
            request_id,
            "exclamation-triangle",
            "That is no longer possible",
            vec![reason.to_owned()],
        )
    }

    /// 413: too much was sent.
    pub fn too_large(request_id: &str) -> Self {
        let text =
            vec!["What was sent is larger than this page takes. Shorten the text and try again.".to_owned()];
        Self::new(413, "too-large", request_id, "box-seam", "That was too much", text)
    }

    /// 429: too many tries; `wait` is in words, `2 minutes`.
    pub fn too_many(request_id: &str, wait: &str) -> Self {
        let text = vec![format!("There were too many tries in a short time. Wait {wait}, then try again.")];
        Self::new(429, "too-many-tries", request_id, "stopwatch", "Slow down a little", text)
    }

    /// 500: our fault; the cause is in the log under the request's id.
    pub fn internal(request_id: &str, code: &str) -> Self {
        let text = vec![
            "The portal ran into an error that it did not expect. Nothing was half done: what you sent was either saved whole or not at all.".to_owned(),
            "Try again. If it happens again, give the code and the request number below to an administrator.".to_owned(),
        ];
        Self::new(500, code, request_id, "wrench", "Something went wrong on our side", text)
    }

    /// 503: the database cannot be reached, or the portal is stopping.
    pub fn unavailable(request_id: &str) -> Self {
        let text =
            vec!["The portal cannot answer just now. Nothing was changed. Try again in a minute.".to_owned()];
        Self::new(503, "unavailable", request_id, "hourglass-split", "Back in a minute", text)
    }

    /// One of each.
    pub fn samples() -> Vec<Self> {
        let id = "0192f1c0-5b6e-7d43-9c55-0a2f6f1e8b11";
        vec![
            Self::bad_request(id),
            Self::stale_form(id),
            Self::forbidden(id, "catalog owner", "an owner of the catalog “Sales”, or an administrator"),
            Self::not_found(id),
            Self::conflict(id, "Bob approved this request a moment ago."),
            Self::too_large(id),
            Self::too_many(id, "2 minutes"),
            Self::internal(id, "store-unexpected"),
            Self::unavailable(id),
        ]
    }
}

/// An error page, within the portal's frame for whoever is signed in, and in a plain one otherwise.
#[derive(Debug)]
pub struct ErrorPage<'a> {
    /// What surrounds it.
    pub shell: &'a Shell,
    /// What it says.
    pub view: ErrorView,
}

impl ErrorPage<'_> {
    /// The page's HTML.
    pub fn render(&self) -> askama::Result<String> {
        if self.shell.user.is_some() {
            Framed { shell: self.shell, view: &self.view }.render()
        } else {
            Plain { shell: self.shell, view: &self.view }.render()
        }
    }
}

#[derive(Template)]
#[template(path = "errors/framed.html")]
struct Framed<'a> {
    shell: &'a Shell,
    view: &'a ErrorView,
}

#[derive(Template)]
#[template(path = "errors/plain.html")]
struct Plain<'a> {
    shell: &'a Shell,
    view: &'a ErrorView,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_page_shows_its_code_and_the_request_id_signed_in_or_not() {
        for view in ErrorView::samples() {
            for shell in [Shell::sample(&view.title), Shell::plain(&view.title, "Acme access", "t")] {
                let page = ErrorPage { shell: &shell, view: view.clone() }.render().unwrap();
                assert!(page.contains(&view.code) && page.contains(&view.request_id), "{}", view.code);
                assert_eq!(super::super::check::problems(&page), Vec::<String>::new(), "{}", view.code);
            }
        }
    }
}
