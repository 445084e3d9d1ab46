//! What handlers ask for: the signed-in person, or whoever it is.

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use chrono_tz::Tz;
use serde::de::DeserializeOwned;

use super::error::PageError;
use super::ui::{Crumb, Shell};
use super::visit::Visit;
use crate::app::{App, AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{Principal, Viewer};
use crate::kernel::Moment;
use crate::kernel::ids::SessionId;
use crate::store::{Conn, Tx, principals};

/// A signed-in person.
pub struct Signed {
    /// The running instance.
    pub app: App,
    /// Who, with the roles of this moment.
    pub principal: Principal,
    /// Their session.
    pub session: SessionId,
    /// The visit itself.
    pub visit: Rc<Visit>,
}

/// Whoever it is.
pub struct MaybeSigned {
    /// The running instance.
    pub app: App,
    /// Who, if signed in.
    pub principal: Option<Principal>,
    /// The visit itself.
    pub visit: Rc<Visit>,
}

fn visit(req: &HttpRequest) -> Result<Rc<Visit>, PageError> {
    req.extensions()
        .get::<Rc<Visit>>()
        .cloned()
        .ok_or_else(|| PageError::internal("no-visit", "the route lies outside the gate"))
}

impl FromRequest for Signed {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visit(req).and_then(|visit| match &visit.known {
            Some(known) => Ok(Self {
                app: visit.state.app.clone(),
                principal: known.principal.clone(),
                session: known.session,
                visit: visit.clone(),
            }),
            None => Err(PageError::SignIn { next: visit.asked.clone() }),
        }))
    }
}

impl FromRequest for MaybeSigned {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visit(req).map(|visit| Self {
            app: visit.state.app.clone(),
            principal: visit.known.as_ref().map(|known| known.principal.clone()),
            visit,
        }))
    }
}

macro_rules! both {
    ($who:ty) => {
        impl $who {
            /// The surroundings of a use case.
            pub fn cx(&self) -> Cx {
                self.app.cx_as(self.visit.author())
            }

            /// The current instant.
            pub fn now(&self) -> Moment {
                self.visit.now()
            }

            /// The person's time zone, or the instance's.
            pub fn tz(&self) -> Tz {
                self.visit.tz()
            }

            /// The request's id.
            pub fn request_id(&self) -> &str {
                &self.visit.request_id
            }

            /// The visitor's address.
            pub fn client(&self) -> &str {
                &self.visit.client
            }

            /// What surrounds the page. `crumbs` lead to the page; the page itself is added.
            pub fn shell(&self, title: &str, crumbs: Vec<Crumb>) -> Shell {
                self.visit.shell(title, crumbs)
            }

            /// Reads, on the blocking pool.
            pub async fn read<T: Send + 'static>(
                &self,
                work: impl FnOnce(&mut Conn) -> Result<T, AppError> + Send + 'static,
            ) -> Result<T, PageError> {
                self.app.db.read(work).await.map_err(PageError::from)
            }
        }
    };
}
both!(Signed);
both!(MaybeSigned);

impl Signed {
    /// What the person's lists may contain.
    pub fn viewer(&self) -> Viewer {
        self.principal.viewer()
    }

    /// Runs a use case in one transaction, with the person's roles as they are inside it. The work may run more
    /// than once, so it clones what it consumes.
    pub async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>, &Cx, &Principal) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, PageError> {
        let (cx, user) = (self.cx(), self.principal.user);
        self.app
            .db
            .write(move |tx| {
                let me = principals::load(tx, user)?.ok_or(AppError::NotFound)?;
                work(tx, &cx, &me)
            })
            .await
            .map_err(PageError::from)
    }

    /// [`Signed::write`] for forms: a rule's refusal comes back apart, to be shown above the form.
    pub async fn attempt<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>, &Cx, &Principal) -> Result<T, AppError> + Send + 'static,
    ) -> Result<Result<T, Refusal>, PageError> {
        apart(self.write(work).await)
    }
}

impl MaybeSigned {
    /// Runs a use case in one transaction. The work may run more than once.
    pub async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>, &Cx) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, PageError> {
        let cx = self.cx();
        self.app.db.write(move |tx| work(tx, &cx)).await.map_err(PageError::from)
    }

    /// [`MaybeSigned::write`] for forms: a rule's refusal comes back apart.
    pub async fn attempt<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>, &Cx) -> Result<T, AppError> + Send + 'static,
    ) -> Result<Result<T, Refusal>, PageError> {
        apart(self.write(work).await)
    }
}

fn apart<T>(done: Result<T, PageError>) -> Result<Result<T, Refusal>, PageError> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(PageError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
}

/// The query of an address. Fields that the page does not know are ignored; what cannot be read is a bad request.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T> std::ops::Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            serde_html_form::from_str(req.query_string())
                .map(Self)
                .map_err(|error| PageError::BadRequest(error.to_string())),
        )
    }
}
