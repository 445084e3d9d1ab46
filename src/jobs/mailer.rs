//! The sender of notices: claim, commit, check that it is still true, render, send, mark (SPEC NOT-1).

mod facts;

use chrono::Duration;

use super::backoff;
use crate::app::{App, AppError};
use crate::mail::{Envelope, Mail, Mailer, Portal, Recipient, SendError, render_with};
use crate::store::StoreError;
use crate::store::notice_texts;
use crate::store::outbox::{self, Claimed};

use facts::{Found, Ready};

/// How long a claimed notice is ours: longer than a batch takes, even when each connection times out.
const HOLD: Duration = Duration::minutes(10);
/// How many are claimed at once.
const BATCH: i64 = 10;

/// Sends everything that is due. Returns how many notices were handled.
pub fn send_due(app: &App, mailer: &Mailer, stopping: &dyn Fn() -> bool) -> Result<usize, AppError> {
    let mut handled = 0;
    while !stopping() && app.db.read_now(|conn| outbox::any_due(conn, app.now()))? {
        let (now, lease) = (app.now(), app.ids.uuid());
        let claimed = app.db.write_now(|tx| outbox::claim(tx, now, BATCH, HOLD, lease))?;
        if claimed.is_empty() {
            break;
        }
        for notice in claimed {
            handled += 1;
            handle(app, mailer, &notice)?;
        }
    }
    Ok(handled)
}

/// What became of a notice.
enum Outcome {
    Sent,
    Dropped(String),
    Later(String),
    Never(String),
}

fn handle(app: &App, mailer: &Mailer, notice: &Claimed) -> Result<(), AppError> {
    let outcome = attempt(app, mailer, notice)?;
    let now = app.now();
    let pause = backoff::MAIL.after(notice.attempts, &notice.id.to_string());
    let kept = app.db.write_now(|tx| match (&outcome, pause) {
        (Outcome::Sent, _) => outbox::sent(tx, notice.id, notice.lease, now),
        (Outcome::Dropped(why), _) => outbox::dropped(tx, notice.id, notice.lease, why),
        (Outcome::Later(error), Some(pause)) => {
            outbox::retry(tx, notice.id, notice.lease, error, now + pause)
        }
        (Outcome::Later(error), None) => {
            let error = format!("given up after {} attempts: {error}", notice.attempts);
            outbox::failed(tx, notice.id, notice.lease, &error)
        }
        (Outcome::Never(error), _) => outbox::failed(tx, notice.id, notice.lease, error),
    })?;
    let (id, kind) = (notice.id, notice.kind.as_str());
    match &outcome {
        _ if !kept => tracing::warn!(%id, kind, "sending took longer than the claim; it may go out twice"),
        Outcome::Sent => tracing::info!(%id, kind, "sent"),
        Outcome::Dropped(why) => tracing::info!(%id, kind, why, "dropped"),
        // The text of a mail server may repeat the address, which no log holds; the Mail page shows it.
        Outcome::Later(_) => tracing::warn!(%id, kind, attempt = notice.attempts, "not sent yet"),
        Outcome::Never(_) => tracing::error!(%id, kind, "cannot be sent; the Mail page says why"),
    }
    Ok(())
}

fn attempt(app: &App, mailer: &Mailer, notice: &Claimed) -> Result<Outcome, AppError> {
    // Whatever kills the process each time would otherwise come back for ever.
    if notice.attempts > i32::from(backoff::MAIL.attempts) {
        return Ok(Outcome::Never("sending it was cut off too often".to_owned()));
    }
    let prepared = match prepare(app, notice) {
        Ok(prepared) => prepared,
        Err(AppError::Store(StoreError::Corrupt(error))) => return Ok(Outcome::Never(error)),
        Err(AppError::Store(StoreError::Missing(what))) => {
            return Ok(Outcome::Never(format!("{what} is missing")));
        }
        Err(error) => return Err(error),
    };
    let (mail, to) = match prepared {
        Prepared::Mail(mail, to) => (mail, to),
        Prepared::Untrue(why) => return Ok(Outcome::Dropped(why)),
        Prepared::Unwritable(why) => return Ok(Outcome::Never(why)),
        Prepared::Lost => return Ok(Outcome::Later("the claim was lost".to_owned())),
    };
    let envelope = Envelope { to: &to, message_id: &notice.message_id, kind: &notice.kind, now: app.now() };
    Ok(match mailer.send(&mail, &envelope) {
        Ok(()) => Outcome::Sent,
        Err(SendError::Later(error)) => Outcome::Later(error),
        Err(SendError::Never(error)) => Outcome::Never(error),
    })
}

enum Prepared {
    Mail(Box<Mail>, Box<Recipient>),
    Untrue(String),
    Unwritable(String),
    Lost,
}

/// Loads what the notice tells, if it is still true, makes its secret, writes the mail, and keeps it with the
/// secret masked: one transaction, committed before anything is sent, so that a link in a mail always works.
fn prepare(app: &App, notice: &Claimed) -> Result<Prepared, AppError> {
    let portal = Portal { name: app.instance.name.clone(), base_url: app.instance.base_url.clone() };
    app.db.write_now(|tx| {
        let ready = match facts::load(tx, app, notice)? {
            Found::Ready(ready) => ready,
            Found::Untrue(why) => return Ok(Prepared::Untrue(why)),
        };
        let Ready { facts, to } = *ready;
        let texts = notice_texts::find(tx, &notice.kind)?.texts;
        let (mail, problem) = match render_with(&facts, &to, &portal, &texts) {
            Ok(done) => done,
            Err(error) => return Ok(Prepared::Unwritable(error.to_string())),
        };
        let kept = mail.masked(facts.secret());
        let ours = outbox::keep_rendered(
            tx,
            notice.id,
            notice.lease,
            &to.address,
            (&kept.subject, &kept.text, &kept.html),
            problem.as_deref(),
        )?;
        if problem.is_some() {
            tracing::warn!(kind = notice.kind, "the changed text cannot be used; the portal's own was sent");
        }
        Ok(if ours { Prepared::Mail(Box::new(mail), Box::new(to)) } else { Prepared::Lost })
    })
}
