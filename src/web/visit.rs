//! One visit: who comes, from where, with which session. Loaded once per request, in one read.

use std::cell::{Cell, OnceCell, RefCell};

use actix_web::HttpMessage as _;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::ServiceRequest;
use chrono_tz::Tz;

use super::error::PageError;
use super::flash::{self, Flash};
use super::session;
use super::state::WebState;
use super::{client, csrf};
use crate::domain::access::Principal;
use crate::domain::audit::Author;
use crate::kernel::Moment;
use crate::kernel::ids::SessionId;
use crate::kernel::secret::Token;
use crate::store::views::shell::{self, ShellFacts};
use crate::store::{StoreError, principals, sessions};

/// The id of a request, as the answer's header, error pages and the log show it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// A signed-in person and their session.
#[derive(Debug, Clone)]
pub struct Known {
    /// The session.
    pub session: SessionId,
    /// The hash of the session's key.
    pub key_hash: String,
    /// When the session was last used.
    pub last_seen_at: Moment,
    /// Who, with the roles of this moment.
    pub principal: Principal,
    /// What the frame of a page shows of them.
    pub facts: ShellFacts,
}

/// One visit.
pub struct Visit {
    /// What all visits share.
    pub state: WebState,
    /// The request's id.
    pub request_id: String,
    /// The visitor's address.
    pub client: String,
    /// What browser they say they use, shortened.
    pub agent: String,
    /// The path.
    pub path: String,
    /// The path with its query.
    pub asked: String,
    /// Who is signed in.
    pub known: Option<Known>,
    /// A session cookie came, but its session is over.
    pub stale_session: bool,
    /// The value of the cookie that forms before sign-in are bound to.
    before: Option<String>,
    new_before: OnceCell<String>,
    flash: RefCell<Option<Flash>>,
    flash_came: bool,
    flash_shown: Cell<bool>,
}

const BEFORE: &str = "latchkey-form";
const BEFORE_PURPOSE: &str = "form-cookie";

impl Visit {
    /// Finds out who comes. The visit is usable even when the database is not.
    pub async fn open(state: &WebState, req: &ServiceRequest) -> (Self, Result<(), PageError>) {
        let header = |name: &str| req.headers().get(name).and_then(|v| v.to_str().ok());
        let cookie = |name: &str| req.cookie(&state.cookie_name(name)).map(|c| c.value().to_owned());
        let forwarded: Vec<&str> =
            req.headers().get_all("x-forwarded-for").filter_map(|v| v.to_str().ok()).collect();
        let address = client::address(
            req.peer_addr().map(|peer| peer.ip()),
            Some(&forwarded.join(",")),
            &state.settings.trusted_proxies,
        );
        let request_id = req.extensions().get::<RequestId>().map(|id| id.0.clone());
        let sealed = cookie(flash::COOKIE);
        let mut visit = Self {
            request_id: request_id.unwrap_or_default(),
            client: address.map_or_else(String::new, |a| a.to_string()),
            agent: header("user-agent").unwrap_or_default().chars().take(200).collect(),
            path: req.path().to_owned(),
            asked: req.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            known: None,
            stale_session: false,
            before: cookie(BEFORE).filter(|value| {
                value
                    .split_once('.')
                    .is_some_and(|(token, signature)| state.is_signed(BEFORE_PURPOSE, token, signature))
            }),
            new_before: OnceCell::new(),
            flash: RefCell::new(sealed.as_deref().and_then(|text| Flash::open(state, text))),
            flash_came: sealed.is_some(),
            flash_shown: Cell::new(false),
            state: state.clone(),
        };
        let Some(value) = cookie(session::COOKIE) else {
            return (visit, Ok(()));
        };
        let Some(key) = Token::parse(&value) else {
            visit.stale_session = true;
            return (visit, Ok(()));
        };
        match find(state, key.hash()).await {
            Ok(known) => {
                visit.stale_session = known.is_none();
                visit.known = known;
                (visit, Ok(()))
            }
            Err(error) => (visit, Err(error.into())),
        }
    }

    /// The current instant.
    pub fn now(&self) -> Moment {
        self.state.app.now()
    }

    /// The visitor's time zone, or the instance's.
    pub fn tz(&self) -> Tz {
        self.known
            .as_ref()
            .and_then(|known| known.facts.time_zone.parse().ok())
            .unwrap_or(self.state.app.instance.time_zone)
    }

    /// Who changes something, for the audit log.
    pub fn author(&self) -> Author {
        let principal = self.known.as_ref().map(|known| &known.principal);
        Author {
            user: principal.map(|p| p.user),
            name: principal.map_or_else(|| "Visitor".to_owned(), |p| p.name.clone()),
            origin: self.client.clone(),
            correlation: self.request_id.clone(),
        }
    }

    fn binding(&self) -> Option<String> {
        match &self.known {
            Some(known) => Some(format!("session {}", known.key_hash)),
            None => self.before.as_ref().map(|value| format!("before {value}")),
        }
    }

    /// A token for the forms of a page. Before sign-in it is bound to a cookie that the answer sets.
    pub fn csrf(&self) -> String {
        let binding = self.binding().or_else(|| {
            let value = match self.new_before.get() {
                Some(value) => value.clone(),
                None => {
                    let token = Token::generate().ok()?;
                    let signature = self.state.sign(BEFORE_PURPOSE, token.reveal());
                    let value = format!("{}.{signature}", token.reveal());
                    let _ = self.new_before.set(value.clone());
                    value
                }
            };
            Some(format!("before {value}"))
        });
        // Without randomness there is no token; the form is then refused, which is the safe side.
        binding.and_then(|binding| csrf::issue(&self.state, &binding).ok()).unwrap_or_default()
    }

    /// Does the token of a form fit the visitor?
    pub fn csrf_fits(&self, token: &str) -> bool {
        self.binding().is_some_and(|binding| csrf::fits(&self.state, &binding, token))
    }

    /// What the last action did; the cookie goes with the answer.
    pub fn take_flash(&self) -> Option<Flash> {
        self.flash_shown.set(true);
        self.flash.borrow_mut().take()
    }

    /// The cookies that the answer sets because of what was rendered.
    pub fn cookies(&self) -> Vec<Cookie<'static>> {
        let mut cookies = Vec::new();
        if let Some(value) = self.new_before.get() {
            cookies.push(cookie(&self.state, BEFORE, value.clone()));
        }
        if self.flash_came && self.flash_shown.get() {
            cookies.push(gone(&self.state, flash::COOKIE));
        }
        if self.stale_session {
            cookies.push(gone(&self.state, session::COOKIE));
        }
        cookies
    }
}

/// A cookie for this host only, out of reach of scripts, that dies with the browser.
pub fn cookie(state: &WebState, name: &str, value: String) -> Cookie<'static> {
    Cookie::build(state.cookie_name(name), value)
        .path("/")
        .http_only(true)
        .secure(state.secure)
        .same_site(SameSite::Lax)
        .finish()
}

/// The end of a cookie.
pub fn gone(state: &WebState, name: &str) -> Cookie<'static> {
    let mut cookie = cookie(state, name, String::new());
    cookie.set_max_age(time::Duration::ZERO);
    cookie
}

async fn find(state: &WebState, key_hash: String) -> Result<Option<Known>, StoreError> {
    let (now, idle) = (state.app.now(), state.settings.session_idle);
    state
        .app
        .db
        .read(move |conn| {
            let Some(live) = sessions::find_live(conn, &key_hash, now, idle)? else {
                return Ok(None);
            };
            let Some(user) = live.user else {
                return Ok(None);
            };
            let Some(principal) = principals::load(conn, user)? else {
                return Ok(None);
            };
            let Some(facts) = shell::load(conn, &principal, now)? else {
                return Ok(None);
            };
            Ok(Some(Known { session: live.id, key_hash, last_seen_at: live.last_seen_at, principal, facts }))
        })
        .await
}
