//! From words to a message on the wire, and who sends it.

use std::sync::Arc;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::transport::Transport;
use super::{Mail, Recipient};
use crate::kernel::{Email, Moment};

/// What is written on the outside of a mail.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    /// Whom it is for.
    pub to: &'a Recipient,
    /// Its Message-ID, in angle brackets; always the same for the same notice.
    pub message_id: &'a str,
    /// The word for `X-Latchkey-Notice` (SPEC NOT-3).
    pub kind: &'a str,
    /// When it is sent.
    pub now: Moment,
}

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be taken later.
    #[error("{0}")]
    Later(String),
    /// It will never be taken as it is.
    #[error("{0}")]
    Never(String),
}

/// Sends mails in the portal's name. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    name: String,
    from: Email,
    transport: Arc<dyn Transport>,
}

impl Mailer {
    /// Sends from this name and address.
    pub fn new(name: impl Into<String>, from: Email, transport: Arc<dyn Transport>) -> Self {
        Self { name: name.into(), from, transport }
    }

    /// The sender's address of a portal that was given none: `latchkey@` its host.
    pub fn default_from(base_url: &str) -> Option<Email> {
        let url = url::Url::parse(base_url).ok()?;
        let host = match url.host()? {
            url::Host::Domain(name) if name.contains('.') => name.to_owned(),
            // A machine without a full name can still write files, and to a server that takes it.
            _ => "localhost.localdomain".to_owned(),
        };
        Email::parse(&format!("latchkey@{host}")).ok()
    }

    /// Sends a mail.
    pub fn send(&self, mail: &Mail, envelope: &Envelope<'_>) -> Result<(), SendError> {
        let message = self.message(mail, envelope)?;
        self.transport.send(&message, envelope)
    }

    fn message(&self, mail: &Mail, envelope: &Envelope<'_>) -> Result<Message, SendError> {
        // lettre panics on a line break in a name and writes others into the header; what gets this far is
        // refused here whatever checked it before.
        let one_line = [
            ("the sender's name", self.name.as_str()),
            ("the recipient's name", &envelope.to.name),
            ("the recipient's address", &envelope.to.address),
            ("the subject", &mail.subject),
            ("the Message-ID", envelope.message_id),
            ("the kind", envelope.kind),
        ];
        for (what, text) in one_line {
            if text.chars().any(char::is_control) {
                return Err(SendError::Never(format!("{what} contains a control character")));
            }
        }
        let from = mailbox(&self.name, self.from.as_str()).map_err(|e| {
            SendError::Never(format!("the sender's address {} cannot be used: {e}", self.from))
        })?;
        let to = mailbox(&envelope.to.name, &envelope.to.address)
            .map_err(|e| SendError::Never(format!("the recipient's address cannot be used: {e}")))?;
        let date: chrono::DateTime<chrono::Utc> = envelope.now.into();
        Message::builder()
            .from(from)
            .to(to)
            .subject(mail.subject.clone())
            .date(date.into())
            .message_id(Some(envelope.message_id.to_owned()))
            .header(NoticeKind(envelope.kind.to_owned()))
            .header(AutoSubmitted)
            .header(ContentLanguage)
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
                    .singlepart(part(ContentType::TEXT_HTML, &mail.html)),
            )
            .map_err(|e| SendError::Never(format!("the mail cannot be built: {e}")))
    }
}

fn mailbox(name: &str, address: &str) -> Result<Mailbox, lettre::address::AddressError> {
    let address: Address = address.parse()?;
    let name = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
    Ok(Mailbox::new(name, address))
}

fn part(kind: ContentType, body: &str) -> SinglePart {
    SinglePart::builder().header(kind).body(body.to_owned())
}

macro_rules! fixed_header {
    ($(#[$doc:meta])* $name:ident, $header:literal, $value:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        struct $name;
        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($header)
            }
            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self)
            }
            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), $value.to_owned())
            }
        }
    };
}
fixed_header!(
    /// Tells other programs not to answer (SPEC NOT-3).
    AutoSubmitted,
    "Auto-Submitted",
    "auto-generated"
);
fixed_header!(
    /// The language of the texts.
    ContentLanguage,
    "Content-Language",
    "en"
);

/// `X-Latchkey-Notice`, for people's rules (SPEC NOT-3).
#[derive(Debug, Clone)]
struct NoticeKind(String);
impl Header for NoticeKind {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Latchkey-Notice")
    }
    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}
