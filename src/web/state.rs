//! What every worker of the server shares.

use std::ops::Deref;
use std::sync::Arc;

use chrono::Duration;
use url::Url;

use super::metrics::Metrics;
use crate::app::{App, AppError};
use crate::config::Cidr;
use crate::kernel::secret;
use crate::store::settings;

/// How the server treats visitors.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// After so long without a request a session is over (SPEC SES-2).
    pub session_idle: Duration,
    /// After so long a session is over in any case (SPEC SES-2).
    pub session_absolute: Duration,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            session_idle: Duration::minutes(30),
            session_absolute: Duration::hours(12),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Moves the demonstration's clock forward, and returns when everything that became due is done.
pub type MoveClock = Arc<dyn Fn(Duration) -> Result<(), AppError> + Send + Sync>;

/// What every worker shares. Cheap to clone.
#[derive(Clone)]
pub struct WebState {
    inner: Arc<Inner>,
    clock: Option<MoveClock>,
}

/// The inside of [`WebState`].
pub struct Inner {
    /// The running instance.
    pub app: App,
    /// How the server treats visitors.
    pub settings: WebSettings,
    /// Counts for `/metrics`.
    pub metrics: Metrics,
    /// Do people come over https?
    pub secure: bool,
    /// Scheme, host and port of the portal, as browsers name it in `Origin`.
    pub origin: String,
    secret: String,
}

impl Deref for WebState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

const SECRET: &str = "web.secret";

impl WebState {
    /// Takes the instance's secret from the database; the first start makes it.
    pub fn load(app: App, settings: WebSettings) -> Result<Self, AppError> {
        let now = app.now();
        let known: Option<String> = app.db.read_now(|conn| settings::get(conn, SECRET))?;
        let secret = match known {
            Some(secret) => secret,
            None => app.db.write_now(|tx| {
                if let Some(made) = settings::get::<String>(tx, SECRET)? {
                    return Ok(made);
                }
                let made = secret::hex(&secret::random_bytes::<32>()?);
                settings::put(tx, SECRET, &made, now)?;
                Ok::<_, AppError>(made)
            })?,
        };
        let url = Url::parse(&app.instance.base_url).ok();
        Ok(Self {
            inner: Arc::new(Inner {
                secure: url.as_ref().is_some_and(|u| u.scheme() == "https"),
                origin: url.map_or_else(String::new, |u| u.origin().ascii_serialization()),
                metrics: Metrics::default(),
                app,
                settings,
                secret,
            }),
            clock: None,
        })
    }

    /// In a demonstration: with the way to move its clock.
    #[must_use]
    pub fn with_clock(mut self, clock: MoveClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The way to move the demonstration's clock; it blocks. `None` outside a demonstration.
    pub fn move_clock(&self) -> Option<MoveClock> {
        self.clock.clone()
    }

    /// Signs a text for one purpose, so that a signature made for another never fits.
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        secret::keyed_hash(self.secret.as_bytes(), &format!("{purpose}\n{text}"))
    }

    /// Was the text signed for this purpose?
    pub fn is_signed(&self, purpose: &str, text: &str, signature: &str) -> bool {
        secret::same(&self.sign(purpose, text), signature)
    }

    /// The name of a cookie: with the prefix that binds it to this host and to https, where there is https.
    pub fn cookie_name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }
}
