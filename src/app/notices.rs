//! Writing notices into the outbox, in the transaction of the change that they tell of (SPEC NOT-1).

use serde_json::json;

use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::notice::{Notice, NoticeState};
use crate::kernel::Moment;
use crate::kernel::ids::{EntityId as _, NoticeId, UserId};
use crate::store::outbox::{self, NewNotice};
use crate::store::{Tx, views};

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

/// May a notice in this state be sent again (SPEC NOT-4)? Done with, or failed and waiting for its next attempt.
pub fn can_send_again(state: NoticeState, attempts: i32) -> bool {
    match state {
        NoticeState::Sent | NoticeState::Dropped | NoticeState::Failed => true,
        NoticeState::Waiting => attempts > 0,
        NoticeState::Sending => false,
    }
}

/// Puts a notice back into the queue, to be sent now if it is still true (SPEC NOT-4).
pub fn send_again(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, id: NoticeId) -> Result<(), AppError> {
    access::manage_directory(by)?;
    let Some(line) = views::mail::find(tx, &by.viewer(), id)?.map(|m| m.line) else {
        return Err(AppError::NotFound);
    };
    if !can_send_again(line.state, line.attempts) || !outbox::send_again(tx, id, line.state, cx.now)? {
        return Err(Refusal::MailOnItsWay.into());
    }
    let record = Record::of("notice.sendAgain", ObjectKind::Notice, id.uuid(), line.kind)
        .change(json!({ "state": line.state }), json!({ "state": NoticeState::Waiting }));
    let record = match line.recipient {
        Some(user) => record.about(user),
        None => record,
    };
    cx.record(tx, record);
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
