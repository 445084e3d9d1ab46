//! E-mail addresses.

use serde::{Deserialize, Serialize};

/// A usable e-mail address: trimmed, without control characters, at most 254 characters. Two addresses that
/// differ only in case are the same person (SPEC DIR-1): compare [`Email::folded`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is not an address that we can send to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("This does not look like an e-mail address. Example: name@company.example")]
pub struct NotAnEmail;

impl Email {
    /// Reads an address as a person types it.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let plain = |c: char| {
            !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '\\')
        };
        let ok = !local.is_empty()
            && local.len() <= 64
            && text.len() <= 254
            && domain.contains('.')
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with(['.', '-'])
            && !domain.contains("..")
            && !local.contains('@')
            && text.chars().all(plain);
        if ok { Ok(Self(text.to_owned())) } else { Err(NotAnEmail) }
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form to compare and to look up by.
    pub fn folded(&self) -> String {
        super::text::fold(&self.0)
    }

    /// The part behind the @, folded.
    pub fn domain(&self) -> String {
        self.folded().rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default()
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_compare_without_case() {
        let a = Email::parse(" Alice@Demo.Example ").unwrap();
        assert_eq!(a.as_str(), "Alice@Demo.Example");
        assert_eq!(a.folded(), "alice@demo.example");
        assert_eq!(a.domain(), "demo.example");
    }

    #[test]
    fn nothing_that_breaks_a_mail_header_is_an_address() {
        for bad in [
            "",
            "a",
            "a@b",
            "a@@b.example",
            "a b@c.example",
            "a@c.example\r\nBcc: x@y.example",
            "<a@b.example>",
            "a@.b.example",
            "a@b..example",
        ] {
            assert_eq!(Email::parse(bad), Err(NotAnEmail), "{bad:?}");
        }
    }
}
