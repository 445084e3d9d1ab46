//! Writing notices into the outbox, in the transaction of the change that they tell of (SPEC NOT-1).

use crate::app::{AppError, Cx};
use crate::domain::notice::Notice;
use crate::kernel::Moment;
use crate::kernel::ids::{NoticeId, UserId};
use crate::store::Tx;
use crate::store::outbox::{self, NewNotice};

/// Owes somebody a mail, to be sent as soon as this transaction has committed. `dedupe_key` says which event it
/// tells of; together with the kind and the recipient it makes the mail unique, so a repeated call writes one.
/// Who is disabled or deleted is not written to, except about their account: there the link in the mail decides.
pub fn send(
    tx: &mut Tx<'_>,
    cx: &Cx,
    recipient: UserId,
    notice: Notice,
    dedupe_key: &str,
) -> Result<(), AppError> {
    send_at(tx, cx, recipient, notice, dedupe_key, cx.now)
}

/// Like [`send`], but not before this instant. What is no longer true then is dropped (SPEC NOT-1).
pub fn send_at(
    tx: &mut Tx<'_>,
    cx: &Cx,
    recipient: UserId,
    notice: Notice,
    dedupe_key: &str,
    not_before: Moment,
) -> Result<(), AppError> {
    let id: NoticeId = cx.id();
    let about_the_account = matches!(notice, Notice::Invitation { .. } | Notice::PasswordReset { .. });
    let new = NewNotice {
        id,
        recipient,
        even_if_disabled: about_the_account,
        request: notice.request(),
        not_before,
        dedupe_key: format!("{}/{recipient}/{dedupe_key}", notice.kind()),
        message_id: message_id(id, &cx.instance.base_url),
        notice,
        now: cx.now,
    };
    outbox::enqueue(tx, new)?;
    Ok(())
}

/// The Message-ID of a notice: always the same, so that a mail that goes out twice is shown once by readers
/// that know it already (SPEC NOT-1).
fn message_id(id: NoticeId, base_url: &str) -> String {
    let host = url::Url::parse(base_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "latchkey.invalid".to_owned());
    format!("<{id}@{host}>")
}
