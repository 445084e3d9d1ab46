//! A browser without a screen: the real portal in this process, cookies kept, forms walked as they stand on the
//! page, redirects followed one at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::rt::SystemRunner;
use actix_web::test::{TestRequest, init_service};
use latchkey::kernel::ids::{SessionId, UserId};
use latchkey::kernel::secret::Token;
use latchkey::web::{WebSettings, WebState};

use super::Test;
use super::form::Form;
use super::html::Page;
use super::raw::id;

type Answering = Pin<Box<dyn Future<Output = ServiceResponse<BoxBody>>>>;

thread_local! {
    static RUNTIME: SystemRunner = actix_web::rt::System::new();
}

/// A visitor with a browser of their own. To be made in the thread that uses it.
pub struct Browser {
    service: Box<dyn Fn(TestRequest) -> Answering>,
    cookies: RefCell<BTreeMap<String, String>>,
    origin: String,
    /// The address that the visitor comes from.
    pub ip: &'static str,
}

/// An answer of the portal.
pub struct Answer {
    /// 200, 303, 404 …
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What was asked, for messages.
    asked: String,
}

impl Answer {
    /// A header; the first, if there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The page, whatever its status.
    pub fn page(&self) -> Page {
        Page::parse(&self.body)
    }

    /// Where it sends the visitor.
    #[track_caller]
    pub fn location(&self) -> String {
        let location = self.header("location");
        location
            .unwrap_or_else(|| panic!("{} leads nowhere: {}\n{}", self.asked, self.status, self.body))
            .to_owned()
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        let words = match self.status {
            303 => format!("→ {}", self.location()),
            _ => Page::parse(&self.body).texts_of("main, body").into_iter().next().unwrap_or_default(),
        };
        assert_eq!(self.status, status, "{}: {words}", self.asked);
        self
    }
}

impl Browser {
    /// A visitor whom nobody knows.
    pub fn new(state: WebState) -> Self {
        let origin = state.origin.clone();
        let service = RUNTIME.with(|runtime| runtime.block_on(init_service(latchkey::web::app(state))));
        let service = Rc::new(service);
        let answer = move |request: TestRequest| -> Answering {
            let service = service.clone();
            Box::pin(async move {
                let request = request.to_request();
                let called = actix_web::dev::Service::call(&*service, request).await;
                called.unwrap_or_else(|error| panic!("an error escaped the portal: {error}"))
            })
        };
        Self { service: Box::new(answer), cookies: RefCell::default(), origin, ip: "192.0.2.7" }
    }

    /// The value of a cookie that the visitor holds.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Every cookie that the visitor holds.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.borrow().clone()
    }

    /// Gives the visitor a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// Takes every cookie away, as a restart of the browser does.
    pub fn forget(&self) {
        self.cookies.borrow_mut().clear();
    }

    /// Sends a request with the visitor's cookies, and keeps those that come back.
    pub fn send(&self, request: TestRequest, asked: &str) -> Answer {
        let cookies = self.cookies.borrow().clone();
        let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.peer_addr(format!("{}:50000", self.ip).parse().expect("an address"));
        if !line.is_empty() {
            request = request.insert_header(("cookie", line.join("; ")));
        }
        let (answer, set) = RUNTIME.with(|runtime| {
            runtime.block_on(async {
                let answer = (self.service)(request).await;
                let headers: Vec<(String, String)> = answer
                    .headers()
                    .iter()
                    .map(|(name, value)| {
                        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                    })
                    .collect();
                let set: Vec<(String, String, bool)> = answer
                    .response()
                    .cookies()
                    .map(|c| {
                        let gone = c.value().is_empty() || c.max_age().is_some_and(|age| age.is_zero());
                        (c.name().to_owned(), c.value().to_owned(), gone)
                    })
                    .collect();
                let status = answer.status().as_u16();
                let body = to_bytes(answer.into_body())
                    .await
                    .unwrap_or_else(|error| panic!("{asked}: the body broke off: {error}"));
                let body = String::from_utf8_lossy(&body).into_owned();
                let asked = asked.to_owned();
                (Answer { status, headers, body, asked }, set)
            })
        });
        for (name, value, gone) in set {
            if gone {
                self.cookies.borrow_mut().remove(&name);
            } else {
                self.cookies.borrow_mut().insert(name, value);
            }
        }
        answer
    }

    /// Fetches an address.
    pub fn get(&self, path: &str) -> Answer {
        let request = TestRequest::get().uri(path).insert_header(("sec-fetch-site", "same-origin"));
        self.send(request, &format!("GET {path}"))
    }

    /// Fetches a page, which has to be there.
    #[track_caller]
    pub fn page(&self, path: &str) -> Page {
        self.get(path).expect(200).page()
    }

    /// Sends a form as it stands.
    #[track_caller]
    pub fn submit(&self, form: &Form) -> Answer {
        if form.method == "get" {
            let path = form.action.split('?').next().unwrap_or_default();
            return self.get(&format!("{path}?{}", form.body()));
        }
        self.post_body(&form.action, form.body())
    }

    /// Sends a form that has to be accepted, and shows the page that it leads to.
    #[track_caller]
    pub fn done(&self, form: &Form) -> Page {
        let answer = self.submit(form).expect(303);
        self.page(&answer.location())
    }

    /// Sends fields that stand on no page: with a token that fits, if `csrf` is one.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post_body(path, body)
    }

    fn post_body(&self, path: &str, body: String) -> Answer {
        let request = TestRequest::with_uri(path)
            .method(Method::POST)
            .insert_header(("content-type", "application/x-www-form-urlencoded"))
            .insert_header(("origin", self.origin.as_str()))
            .insert_header(("sec-fetch-site", "same-origin"))
            .set_payload(body);
        self.send(request, &format!("POST {path}"))
    }
}

impl Test {
    /// What browsers of this portal share; it may go to other threads, a [`Browser`] may not.
    pub fn web(&self) -> WebState {
        let state = self.web.get_or_init(|| {
            WebState::load(self.app.clone(), WebSettings::default()).unwrap_or_else(|e| panic!("{e}"))
        });
        state.clone()
    }

    /// A visitor who is not signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.web())
    }

    /// The browser of this person, signed in past the sign-in page.
    pub fn sign_in(&mut self, name: &str) -> Browser {
        let user = self.person(name);
        let browser = self.browser();
        browser.set_cookie(&self.web().cookie_name("latchkey"), &self.session_of(user));
        browser
    }

    /// The key of a new session of this person.
    pub fn session_of(&self, user: UserId) -> String {
        let key = Token::generate().expect("randomness");
        let session: SessionId = self.app.ids.next();
        self.insert(
            "sessions",
            &[
                ("id", id(session)),
                ("key_hash", key.hash().into()),
                ("user_id", id(user)),
                ("ip", "192.0.2.7".into()),
                ("agent", "Test".into()),
                ("created_at", self.now().into()),
                ("last_seen_at", self.now().into()),
                ("expires_at", (self.now() + chrono::Duration::hours(12)).into()),
            ],
        );
        key.reveal().to_owned()
    }
}
