//! What handlers answer with.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;

use super::error::PageError;
use super::flash::Flash;

/// What a handler gives back.
pub type Answer = Result<HttpResponse, PageError>;

/// A page.
pub fn page(template: &impl Template) -> Answer {
    page_with(StatusCode::OK, template)
}

/// A page with another status: 422 for a form with mistakes, 409 for one that a rule refused.
pub fn page_with(status: StatusCode, template: &impl Template) -> Answer {
    let html = template.render()?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// On to another page, after a form was taken.
pub fn redirect(path: impl Into<String>) -> Answer {
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, path.into())).finish())
}

/// On to another page, which says once what was done.
pub fn redirect_with(path: impl Into<String>, flash: Flash) -> Answer {
    let mut answer = redirect(path)?;
    answer.extensions_mut().insert(flash);
    Ok(answer)
}
