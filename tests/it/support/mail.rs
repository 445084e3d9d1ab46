//! Background work on demand, and the mails that came of it.

use std::sync::Arc;

use base64::Engine as _;
use latchkey::jobs::Worker;
use latchkey::jobs::runner::{Pass, run_until_idle};
use latchkey::kernel::Email;
use latchkey::mail::Mailer;
use latchkey::mail::transport::{Memory, SentMail};

use super::Test;

/// The mailbox of a test, and who fills it.
pub struct Post {
    /// Everything that was sent; can be told to fail.
    pub memory: Memory,
    /// Does the background work.
    pub worker: Worker,
}

impl Default for Post {
    fn default() -> Self {
        let memory = Memory::default();
        let from = Email::parse("latchkey@latchkey.example").expect("an address");
        let worker = Worker::new(Mailer::new("Latchkey", from, Arc::new(memory.clone())));
        Self { memory, worker }
    }
}

/// A mail as its reader sees it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// What `X-Latchkey-Notice` says.
    pub kind: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The message as it was sent.
    pub source: String,
}

impl Mail {
    fn read(sent: &SentMail) -> Self {
        let (head, _) = sent.source.split_once("\r\n\r\n").unwrap_or((&sent.source, ""));
        let plain = sent
            .source
            .split("\r\n--")
            .find(|part| part.to_ascii_lowercase().contains("content-type: text/plain"))
            .unwrap_or(&sent.source);
        let (part_head, body) = plain.split_once("\r\n\r\n").unwrap_or((plain, ""));
        let encoding = header(part_head, "content-transfer-encoding");
        Self {
            to: sent.to.clone(),
            kind: sent.kind.clone(),
            subject: header(head, "subject"),
            text: decoded(&encoding, body).replace("\r\n", "\n"),
            source: sent.source.clone(),
        }
    }

    /// The addresses of the portal in the text, without the base, in order.
    pub fn links(&self) -> Vec<String> {
        let words = self.text.split_whitespace();
        words
            .filter_map(|word| {
                word.trim_matches(['<', '>', '(', ')', '.', ',']).strip_prefix("https://latchkey.example")
            })
            .map(str::to_owned)
            .collect()
    }

    /// The only address of the portal in the text that starts so.
    #[track_caller]
    pub fn link(&self, start: &str) -> String {
        let found: Vec<String> = self.links().into_iter().filter(|link| link.starts_with(start)).collect();
        assert_eq!(found.len(), 1, "links that start with {start}: {found:?} in:\n{}", self.text);
        found[0].clone()
    }
}

/// A header with its continuation lines, as it stands.
fn header(head: &str, name: &str) -> String {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let line = unfolded.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
    line.and_then(|line| line.split_once(':')).map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

fn decoded(encoding: &str, body: &str) -> String {
    match encoding.to_ascii_lowercase().as_str() {
        "base64" => {
            let joined: String = body.split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(joined).expect("base64");
            String::from_utf8(bytes).expect("UTF-8")
        }
        "quoted-printable" => {
            let joined = body.replace("=\r\n", "");
            let mut bytes = Vec::new();
            let mut rest = joined.bytes();
            while let Some(byte) = rest.next() {
                if byte == b'=' {
                    let pair: String = rest.by_ref().take(2).map(char::from).collect();
                    bytes.push(u8::from_str_radix(&pair, 16).expect("two hex digits"));
                } else {
                    bytes.push(byte);
                }
            }
            String::from_utf8(bytes).expect("UTF-8")
        }
        _ => body.to_owned(),
    }
}

impl Test {
    /// Does everything that is due now, and what follows from it.
    pub fn run_jobs(&self) -> Pass {
        run_until_idle(&self.app, &self.post.worker).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Every mail sent so far, after doing what is due.
    pub fn mails(&self) -> Vec<Mail> {
        self.run_jobs();
        self.post.memory.sent().iter().map(Mail::read).collect()
    }

    /// The mails sent so far to this address (`bob@demo.example`), after doing what is due.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == address).collect()
    }
}
