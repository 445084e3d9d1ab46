//! Forms. The gate reads every posted form, checks its token and takes the token out; a handler gets what is left
//! as a raw struct of texts.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::ops::Deref;
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::error::PageError;
use super::multipart::{self, Upload};
use super::ui::CSRF_FIELD;

/// The most that a form may hold.
pub const LIMIT: usize = 256 * 1024;
/// The most that a form with lists of people may hold: some ten thousand lines.
pub const LISTS_LIMIT: usize = 2 * 1024 * 1024;
/// The time in which a form has to arrive whole.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Addresses that take files.
const UPLOADS: &[&str] = &["/admin/users/import"];
/// The most that a form with a file may hold.
const UPLOAD_LIMIT: usize = 21 * 1024 * 1024;
/// The time in which a form with a file has to arrive whole.
const UPLOAD_DEADLINE: Duration = Duration::from_mins(2);

/// A posted form without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    fields: String,
    /// The token.
    pub csrf: String,
    /// The file that came along.
    file: Option<Upload>,
}

impl Body {
    /// Takes the token out of a form. Two tokens are none.
    pub fn parse(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        Self::of(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())), None)
    }

    fn of(pairs: impl Iterator<Item = (String, String)>, file: Option<Upload>) -> Self {
        let mut tokens = Vec::new();
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            if name == CSRF_FIELD {
                tokens.push(value);
            } else {
                fields.append_pair(&name, &value);
            }
        }
        let csrf = match tokens.as_mut_slice() {
            [token] => std::mem::take(token),
            _ => String::new(),
        };
        Self { fields: fields.finish(), csrf, file }
    }

    /// Reads the form of a request: at most [`LIMIT`] bytes, or [`LISTS_LIMIT`], within [`DEADLINE`]; more of both where files are sent.
    pub async fn receive(req: &mut ServiceRequest) -> Result<Self, PageError> {
        let content_type = req.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let boundary = multipart::boundary(content_type).map(str::to_owned);
        if let Some(boundary) = boundary.filter(|_| UPLOADS.contains(&req.path())) {
            let bytes = whole(req, UPLOAD_LIMIT, UPLOAD_DEADLINE).await?;
            let parts = multipart::read(&bytes, &boundary)
                .ok_or_else(|| PageError::BadRequest("not a form".to_owned()))?;
            return Ok(Self::of(parts.fields.into_iter(), parts.file));
        }
        let is_form = match req.headers().get(CONTENT_TYPE) {
            None => true,
            Some(value) => value
                .to_str()
                .unwrap_or_default()
                .to_ascii_lowercase()
                .starts_with("application/x-www-form-urlencoded"),
        };
        if !is_form {
            return Err(PageError::BadRequest("not a form".to_owned()));
        }
        Ok(Self::parse(&whole(req, limit_of(req.path()), DEADLINE).await?))
    }
}

/// The whole body of a request: not more than this, and not later.
async fn whole(req: &mut ServiceRequest, limit: usize, deadline: Duration) -> Result<Bytes, PageError> {
    let mut payload = req.take_payload();
    let all = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| PageError::BadRequest(error.to_string()))?;
            if body.len() + chunk.len() > limit {
                return Err(PageError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(body))
    };
    tokio::time::timeout(deadline, all).await.map_err(|_| PageError::TooSlow)?
}

/// The file of a posted form, if one was chosen.
#[derive(Debug, Clone)]
pub struct Uploaded(pub Option<Upload>);

impl FromRequest for Uploaded {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match req.extensions().get::<Body>() {
            Some(body) => Ok(Self(body.file.clone())),
            None => Err(PageError::internal("no-form", "the route is no POST route")),
        })
    }
}

/// How much a form may hold. Only people who are signed in come so far.
fn limit_of(path: &str) -> usize {
    // Direct assignment takes pasted lists and tables (SPEC ASG-1).
    if path.starts_with("/manage/packages/") && path.ends_with("/assignments/new") {
        LISTS_LIMIT
    } else {
        LIMIT
    }
}

/// A posted form as a raw struct: only `String` and `#[serde(default)] Vec<String>` fields, and
/// `#[serde(deny_unknown_fields)]`. A field that comes twice where one is expected, is unknown or missing makes
/// the request bad: our own pages never send such a form.
#[derive(Debug, Clone)]
pub struct Form<T>(pub T);

impl<T> Deref for Form<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match req.extensions().get::<Body>() {
            Some(body) => read(body).map(Self),
            None => Err(PageError::internal("no-form", "the route is no POST route")),
        })
    }
}

fn read<T: DeserializeOwned>(body: &Body) -> Result<T, PageError> {
    serde_html_form::from_str(&body.fields).map_err(|error| PageError::BadRequest(error.to_string()))
}

/// The mistakes in a form, by field, and those that concern the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormErrors {
    /// Concerns the whole form.
    pub form: Option<String>,
    fields: BTreeMap<String, String>,
}

impl FormErrors {
    /// No mistake yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A mistake that concerns the whole form.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { form: Some(text.into()), fields: BTreeMap::new() }
    }

    /// Adds a mistake in a field; the first one of each field is kept.
    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.fields.entry(field.into()).or_insert_with(|| text.into());
    }

    /// Takes over the mistakes of another form's part.
    pub fn merge(&mut self, other: Self) {
        self.form = self.form.take().or(other.form);
        for (field, text) in other.fields {
            self.add(field, text);
        }
    }

    /// Keeps the value, or notes the mistake in this field.
    pub fn take<T, E: std::fmt::Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// The mistake in this field, for `FieldView::error`.
    pub fn of(&self, field: &str) -> Option<String> {
        self.fields.get(field).cloned()
    }

    /// No mistake?
    pub fn is_empty(&self) -> bool {
        self.form.is_none() && self.fields.is_empty()
    }
}

impl From<crate::domain::Refusal> for FormErrors {
    fn from(refusal: crate::domain::Refusal) -> Self {
        Self::whole(refusal.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        name: String,
        #[serde(default)]
        roles: Vec<String>,
    }

    fn raw(text: &str) -> Result<Raw, PageError> {
        read(&Body::parse(text.as_bytes()))
    }

    #[test]
    fn a_form_keeps_every_ticked_box_and_loses_its_token() {
        let none = raw("csrf=t&name=a").unwrap();
        assert_eq!(none.roles, Vec::<String>::new());
        assert_eq!(raw("name=a&roles=x").unwrap().roles, ["x"]);
        assert_eq!(raw("roles=x&name=a+%C3%A9&roles=y").unwrap().roles, ["x", "y"]);
        assert_eq!(raw("name=a+%C3%A9%26b").unwrap().name, "a é&b");
        assert_eq!(Body::parse(b"a=1&csrf=tok&b=2").csrf, "tok");
        assert_eq!(Body::parse(b"csrf=a&csrf=b").csrf, "", "two tokens are none");
    }

    #[test]
    fn what_our_pages_never_send_is_refused() {
        for bad in ["", "name=a&name=b", "name=a&more=1", "roles=x"] {
            assert!(matches!(raw(bad), Err(PageError::BadRequest(_))), "{bad}");
        }
    }

    #[test]
    fn each_field_keeps_its_first_mistake() {
        let mut errors = FormErrors::new();
        assert!(errors.is_empty());
        assert_eq!(errors.take("days", "7".parse::<i32>()), Some(7));
        assert_eq!(errors.take("name", Err::<(), _>("too long")), None);
        errors.add("name", "empty");
        assert_eq!(errors.of("name").as_deref(), Some("too long"));
        assert_eq!(errors.of("days"), None);
    }
}
