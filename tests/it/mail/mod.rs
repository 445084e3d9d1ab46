//! Notices, their senders and the runner (SPEC section 13, DESIGN section 6).

mod digest;
mod outbox;
mod page;
mod runner;
mod sending;
mod server;
mod smtp;
mod table;
mod texts;

use std::sync::Arc;

use latchkey::jobs::Worker;
use latchkey::kernel::Email;
use latchkey::kernel::ids::{NoticeId, UserId};
use latchkey::mail::{Mailer, Transport};
use latchkey::store::views::mail as view;

use crate::support::Test;

/// A worker that only sends, through this transport.
pub fn sender(transport: impl Transport + 'static) -> Worker {
    let from = Email::parse("latchkey@latchkey.example").expect("an address");
    let mailer = Mailer::new("Latchkey", from, Arc::new(transport));
    Worker::with(mailer, Vec::new(), Vec::new())
}

/// Owes this person an invitation; returns its notice.
pub fn owe(t: &Test, user: UserId) -> NoticeId {
    let cx = t.app.system_cx("test");
    t.write(|tx| latchkey::app::account::links::invite(tx, &cx, user));
    newest(t, user)
}

/// The newest notice to this person.
pub fn newest(t: &Test, user: UserId) -> NoticeId {
    let ids = t.texts(&format!(
        "SELECT CAST(id AS text) AS n FROM notices WHERE recipient_id = '{user}' ORDER BY id DESC"
    ));
    ids.first().expect("a notice").parse().expect("an id")
}

/// A notice as the Mail page shows it.
pub fn kept(t: &Test, id: NoticeId) -> view::MailDetail {
    let viewer = latchkey::domain::access::Viewer {
        user: UserId(uuid::Uuid::nil()),
        everything: true,
        catalogs: Vec::new(),
    };
    t.read(|conn| view::find(conn, &viewer, id)).expect("the notice is there")
}
