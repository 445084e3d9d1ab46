//! A mail server, by SMTP.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{Message, SmtpTransport, Transport as _};
use url::{Host, Url};

use super::Transport;
use crate::mail::message::{Envelope, SendError};

/// Why a mail server cannot be used. Never repeats the URL: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSmtpUrl {
    /// No URL of a mail server.
    #[error(
        "the SMTP URL must look like smtp://user:password@mail.example:587 (STARTTLS) or smtps://user:password@mail.example:465 (TLS)"
    )]
    NotSmtp,
    /// An option that there is not.
    #[error(
        "the SMTP URL has an option that there is not: {0}. There is ?tls=none, ?tls=opportunistic, ?tls=required"
    )]
    Unknown(String),
    /// A password would travel in the clear.
    #[error(
        "the SMTP URL has a password but no TLS (?tls=none): use smtps:// or leave the option out, so that the password is not sent in the clear"
    )]
    PasswordInTheClear,
    /// TLS cannot be set up.
    #[error("TLS to the mail server cannot be set up: {0}")]
    Tls(String),
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// TLS from the start.
    Tls,
    /// STARTTLS, and nothing goes out without.
    Required,
    /// STARTTLS if the server offers it.
    Opportunistic,
    /// None: for a server on this machine.
    None,
}

struct Plan {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<(String, String)>,
}

/// A mail server. Keeps a few connections open between mails.
pub struct Smtp {
    transport: SmtpTransport,
}

impl Smtp {
    /// Reads `smtp://` (STARTTLS; none on this machine itself) or `smtps://` (TLS). `?tls=` says otherwise. No
    /// connection is made yet.
    pub fn open(url: &str) -> Result<Self, BadSmtpUrl> {
        let plan = plan(url)?;
        let parameters = || TlsParameters::new(plan.host.clone()).map_err(|e| BadSmtpUrl::Tls(e.to_string()));
        let tls = match plan.protection {
            Protection::Tls => Tls::Wrapper(parameters()?),
            Protection::Required => Tls::Required(parameters()?),
            Protection::Opportunistic => Tls::Opportunistic(parameters()?),
            Protection::None => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(plan.host)
            .port(plan.port)
            .tls(tls)
            .timeout(Some(Duration::from_secs(20)))
            .pool_config(PoolConfig::new().max_size(2).idle_timeout(Duration::from_secs(30)));
        if let Some((user, password)) = plan.credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build() })
    }
}

fn plan(url: &str) -> Result<Plan, BadSmtpUrl> {
    let url = Url::parse(url).map_err(|_| BadSmtpUrl::NotSmtp)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if host.is_empty() || !matches!(url.path(), "" | "/") {
        return Err(BadSmtpUrl::NotSmtp);
    }
    let mut wanted = None;
    for (name, value) in url.query_pairs() {
        wanted = match (&*name, &*value) {
            ("tls", "none") => Some(Protection::None),
            ("tls", "opportunistic") => Some(Protection::Opportunistic),
            ("tls", "required") => Some(Protection::Required),
            _ => return Err(BadSmtpUrl::Unknown(format!("{name}={value}"))),
        };
    }
    let local = is_local(&host);
    let protection = match (url.scheme(), wanted) {
        ("smtps", None) => Protection::Tls,
        ("smtp", Some(wanted)) => wanted,
        ("smtp", None) if local => Protection::None,
        ("smtp", None) => Protection::Required,
        _ => return Err(BadSmtpUrl::NotSmtp),
    };
    let credentials = (!url.username().is_empty())
        .then(|| (decoded(url.username()), decoded(url.password().unwrap_or_default())));
    if credentials.is_some() && !local && matches!(protection, Protection::None | Protection::Opportunistic) {
        return Err(BadSmtpUrl::PasswordInTheClear);
    }
    let standard = match protection {
        Protection::Tls => 465,
        Protection::Required => 587,
        Protection::Opportunistic | Protection::None => 25,
    };
    Ok(Plan { host, port: url.port().unwrap_or(standard), protection, credentials })
}

/// Does the host lie on this machine?
fn is_local(host: &str) -> bool {
    match Host::parse(host).or_else(|_| Host::parse(&format!("[{host}]"))) {
        Ok(Host::Ipv4(ip)) => ip.is_loopback(),
        Ok(Host::Ipv6(ip)) => ip.is_loopback(),
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Err(_) => false,
    }
}

/// Undoes `%40` and the like.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = (byte == b'%')
            .then(|| {
                let mut ahead = rest.clone();
                let pair = [ahead.next()?, ahead.next()?];
                let value = u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?;
                rest = ahead;
                Some(value)
            })
            .flatten();
        bytes.push(hex.unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Transport for Smtp {
    fn send(&self, message: &Message, _: &Envelope<'_>) -> Result<(), SendError> {
        self.transport.send(message).map(|_| ()).map_err(|e| sort(&e))
    }
}

/// A server that refuses the mail itself (5xx) refuses it next time too. Everything else may pass: a busy server
/// (4xx), one that is down, and also refused credentials or certificates, which an administrator will mend.
fn sort(error: &SmtpError) -> SendError {
    let text = explained(error);
    match error.status().map(u16::from) {
        Some(code) if error.is_permanent() && !matches!(code, 530 | 534 | 535 | 538) => {
            SendError::Never(text)
        }
        _ => SendError::Later(text),
    }
}

/// The error with its causes, in one line.
fn explained(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_decides_about_protection() {
        let of = |url: &str| plan(url).map(|p| (p.protection, p.port));
        assert_eq!(of("smtp://mail.example"), Ok((Protection::Required, 587)));
        assert_eq!(of("smtp://mail.example:2525"), Ok((Protection::Required, 2525)));
        assert_eq!(of("smtps://mail.example"), Ok((Protection::Tls, 465)));
        for local in ["smtp://127.0.0.1:2525", "smtp://localhost:2525", "smtp://[::1]:2525"] {
            assert_eq!(of(local), Ok((Protection::None, 2525)), "{local}");
        }
        assert_eq!(of("smtp://mail.example?tls=none"), Ok((Protection::None, 25)));
        assert_eq!(of("smtp://127.0.0.1:25?tls=required"), Ok((Protection::Required, 25)));
        assert_eq!(of("smtp://u:p@mail.example?tls=none"), Err(BadSmtpUrl::PasswordInTheClear));
        assert_eq!(of("smtp://mail.example?ssl=1"), Err(BadSmtpUrl::Unknown("ssl=1".into())));
        for bad in ["", "mail.example:25", "http://mail.example", "smtp://", "smtp://mail.example/inbox"] {
            assert_eq!(of(bad), Err(BadSmtpUrl::NotSmtp), "{bad}");
        }
    }

    #[test]
    fn names_and_passwords_may_hold_any_character() {
        let plan = plan("smtps://me%40mail.example:p%25ss%2Fw%C3%B6rd%@mail.example").unwrap();
        assert_eq!(plan.credentials, Some(("me@mail.example".into(), "p%ss/wörd%".into())));
    }

    #[test]
    fn no_message_about_a_bad_url_repeats_its_password() {
        for bad in ["smtp://u:secret@", "http://u:secret@mail.example", "smtp://u:secret@m.example?tls=none"]
        {
            let words = plan(bad).err().unwrap().to_string();
            assert!(!words.contains("secret"), "{words}");
        }
    }
}
