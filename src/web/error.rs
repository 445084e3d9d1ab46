//! How a page fails: one error per kind of answer, shown as a page that says what to do next.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};

use super::ui::{ErrorPage, ErrorView};
use super::visit::Visit;
use crate::app::AppError;
use crate::domain::Refusal;
use crate::domain::access::Denied;
use crate::kernel::secret::NoRandomness;
use crate::store::StoreError;

/// Why a page is not shown, or a form not taken.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Signing in comes first; then on to this local address.
    #[error("not signed in")]
    SignIn {
        /// Where to go afterwards.
        next: String,
    },
    /// The form is too old for its page, which is to be opened again.
    #[error("the page has to be opened again")]
    Reopen(String),
    /// The address or the form makes no sense; the cause is for the log.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// The form's token does not fit, or the form comes from elsewhere.
    #[error("stale or foreign form: {0}")]
    StaleForm(&'static str),
    /// The form took too long to arrive.
    #[error("the form took too long")]
    TooSlow,
    /// The form is too large.
    #[error("the form is too large")]
    TooLarge,
    /// The person knows the thing, but may not do this.
    #[error("needs the role {needed}")]
    Forbidden {
        /// The role that is missing.
        needed: &'static str,
        /// Who can grant it.
        grantors: &'static str,
    },
    /// Not there, or not for this person.
    #[error("not found")]
    NotFound,
    /// The address knows other methods only, these.
    #[error("the method is not allowed")]
    WrongMethod(&'static str),
    /// A rule says no.
    #[error("refused by {rule}: {0}", rule = .0.rule())]
    Refused(Refusal),
    /// The database cannot be reached or written, or is too busy.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Our fault.
    #[error("{code}: {cause}")]
    Internal {
        /// A stable code for the page.
        code: &'static str,
        /// The cause, for the log.
        cause: String,
    },
}

impl PageError {
    /// Our fault, with a stable code for the page and the cause for the log.
    pub fn internal(code: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Internal { code, cause: cause.to_string() }
    }

    /// The page for an error that the framework made.
    pub fn of_framework(error: &actix_web::Error) -> Self {
        match error.as_response_error().status_code() {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            status if status.is_client_error() => Self::BadRequest(error.to_string()),
            _ => Self::internal("framework", error),
        }
    }

    fn log(&self, visit: &Visit) {
        let request = visit.request_id.as_str();
        match self {
            Self::Internal { code, cause } => tracing::error!(request, code, cause, "a page failed"),
            Self::Unavailable(cause) => tracing::error!(request, cause, "the store is not available"),
            Self::StaleForm(cause) => tracing::warn!(request, cause, "a form was refused"),
            Self::BadRequest(cause) => tracing::info!(request, cause, "a request made no sense"),
            _ => {}
        }
    }

    fn view(&self, id: &str) -> ErrorView {
        match self {
            Self::SignIn { .. } | Self::Reopen(_) | Self::NotFound => ErrorView::not_found(id),
            Self::BadRequest(_) => ErrorView::bad_request(id),
            Self::StaleForm(_) => ErrorView::stale_form(id),
            Self::TooSlow => {
                ErrorView { status: 408, code: "too-slow".to_owned(), ..ErrorView::bad_request(id) }
            }
            Self::TooLarge => ErrorView::too_large(id),
            Self::Forbidden { needed, grantors } => {
                ErrorView::forbidden(id, needed, grantors.trim_end_matches(','))
            }
            Self::WrongMethod(_) => {
                ErrorView { status: 405, code: "wrong-method".to_owned(), ..ErrorView::bad_request(id) }
            }
            Self::Refused(Refusal::TryAgainIn(wait)) => ErrorView::too_many(id, wait),
            Self::Refused(refusal) => ErrorView::conflict(id, &refusal.to_string()),
            Self::Unavailable(_) => ErrorView::unavailable(id),
            Self::Internal { code, .. } => ErrorView::internal(id, code),
        }
    }

    /// The answer: a page in the visitor's frame, or the way to sign-in.
    pub fn page(&self, visit: &Visit) -> HttpResponse {
        self.log(visit);
        if let Self::SignIn { next } = self {
            return HttpResponse::SeeOther().insert_header((header::LOCATION, sign_in(next))).finish();
        }
        if let Self::Reopen(path) = self {
            return HttpResponse::SeeOther().insert_header((header::LOCATION, path.as_str())).finish();
        }
        let view = self.view(&visit.request_id);
        let shell = visit.shell(&view.title, Vec::new());
        let mut answer = HttpResponse::build(self.status_code());
        if let Self::WrongMethod(allowed) = self {
            answer.insert_header((header::ALLOW, *allowed));
        }
        if matches!(self, Self::Unavailable(_)) {
            answer.insert_header((header::RETRY_AFTER, "10"));
        }
        match (ErrorPage { shell: &shell, view }).render() {
            Ok(html) => answer.content_type("text/html; charset=utf-8").body(html),
            Err(error) => {
                tracing::error!(request = visit.request_id, %error, "the error page failed too");
                answer.content_type("text/plain; charset=utf-8").body("Something went wrong.")
            }
        }
    }
}

/// The sign-in page that leads on to `next` (SPEC SES-4).
pub fn sign_in(next: &str) -> String {
    if next == "/" {
        "/sign-in".to_owned()
    } else {
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        format!("/sign-in?next={next}")
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn { .. } | Self::Reopen(_) => StatusCode::SEE_OTHER,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::StaleForm(_) | Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused(Refusal::TryAgainIn(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Refusal> for PageError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Denied> for PageError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Invisible => Self::NotFound,
            Denied::Forbidden { needed, grantors } => Self::Forbidden { needed, grantors },
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Stale => return Self::Refused(Refusal::Stale),
            StoreError::Collision(_) | StoreError::Unavailable(_) | StoreError::CannotWrite(_) => {
                return Self::Unavailable(error.to_string());
            }
            StoreError::Missing(_) => "store-missing",
            StoreError::Taken(_) => "store-taken",
            StoreError::Corrupt(_) => "store-corrupt",
            StoreError::Database(_) => "store",
        };
        Self::internal(code, error)
    }
}

impl From<NoRandomness> for PageError {
    fn from(error: NoRandomness) -> Self {
        Self::internal("randomness", error)
    }
}

impl From<AppError> for PageError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(refusal) => refusal.into(),
            AppError::Denied(denied) => denied.into(),
            AppError::NotFound => Self::NotFound,
            AppError::Store(error) => error.into(),
            AppError::NoRandomness(error) => error.into(),
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::internal("template", error)
    }
}
