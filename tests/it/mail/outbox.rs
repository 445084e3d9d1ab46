//! Commit means sent at least once, rollback means never (I9, SPEC NOT-1).

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use chrono::Duration;
use latchkey::app::{AppError, notices};
use latchkey::domain::notice::{Notice, NoticeState};
use latchkey::jobs::runner::run_until_idle;
use latchkey::kernel::ids::AccountLinkId;
use latchkey::mail::transport::Memory;
use latchkey::mail::{Envelope, SendError, Transport};
use latchkey::store::outbox;

use super::{kept, newest, owe, sender};
use crate::requests::submit;

on_both! {
    /// A notice is written with its change or not at all, once per event, and not to people who are gone.
    fn i9_a_notice_is_written_with_its_change_or_not_at_all(t: &mut Test) {
        let bob = t.person("bob");
        let zoe = t.user("zoe").disabled().create();
        let cx = t.app.system_cx("test");
        let request = latchkey::kernel::ids::RequestId(t.app.ids.uuid());
        let expired = || Notice::DecisionCode { link: latchkey::kernel::ids::LinkId(request.0) };
        let undone: Result<(), AppError> = t.app.db.write_now(|tx| {
            notices::send(tx, &cx, bob, expired(), "event 1")?;
            Err(AppError::NotFound)
        });
        assert!(undone.is_err());
        assert_eq!(t.count("notices"), 0, "rolled back");
        for _ in 0..3 {
            t.write(|tx| notices::send(tx, &cx, bob, expired(), "event 1"));
        }
        assert_eq!(t.count("notices"), 1, "the same event");
        t.write(|tx| notices::send(tx, &cx, bob, expired(), "event 2"));
        t.write(|tx| notices::send(tx, &cx, zoe, expired(), "event 1"));
        assert_eq!(t.count("notices"), 2, "a disabled person is not written to");
        let invited = Notice::Invitation { user: zoe, link: AccountLinkId(request.0) };
        t.write(|tx| notices::send(tx, &cx, zoe, invited.clone(), "event 1"));
        assert_eq!(t.count("notices"), 3, "but about the account");
        t.sql(&format!("UPDATE users SET deleted_at = {} WHERE id = '{zoe}'", t.literal(&t.now().into())));
        t.write(|tx| notices::send(tx, &cx, zoe, invited.clone(), "event 2"));
        assert_eq!(t.count("notices"), 3, "a deleted person never is");
    }

    /// Sixteen senders at once claim disjoint shares, and all of it.
    fn i9_two_senders_never_claim_the_same_notice(t: &mut Test) {
        let people: Vec<_> = (0..40).map(|n| t.person(&format!("person{n}"))).collect();
        for person in &people {
            owe(t, *person);
        }
        let (app, now, gate) = (t.app.clone(), t.now(), Barrier::new(16));
        let shares: Vec<Vec<_>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        gate.wait();
                        let mut mine = Vec::new();
                        loop {
                            let lease = app.ids.uuid();
                            let claimed = app
                                .db
                                .write_now(|tx| outbox::claim(tx, now, 2, Duration::minutes(10), lease))
                                .expect("a claim");
                            if claimed.is_empty() {
                                return mine;
                            }
                            mine.extend(claimed.into_iter().map(|c| c.id));
                        }
                    })
                })
                .collect();
            workers.into_iter().map(|w| w.join().expect("a worker")).collect()
        });
        let all: BTreeSet<_> = shares.iter().flatten().copied().collect();
        assert_eq!(all.len(), people.len(), "everything was claimed");
        assert_eq!(shares.iter().map(Vec::len).sum::<usize>(), people.len(), "nothing twice");
        assert!(shares.iter().filter(|s| !s.is_empty()).count() > 1, "there was a contest");
    }

    /// A sender that dies between sending and marking: the mail goes out again, with the same Message-ID, and
    /// both links work.
    fn i9_a_crash_after_sending_sends_the_same_mail_again(t: &mut Test) {
        let s = t.sales();
        let request = submit(t, "alice", s.onboarding);
        let dying = Dying::default();
        let worker = sender(dying.clone());
        let app = t.app.clone();
        let died = std::panic::catch_unwind(AssertUnwindSafe(|| run_until_idle(&app, &worker)));
        assert!(died.is_err(), "it died");
        assert_eq!(dying.memory.sent().len(), 1);
        let bob = t.person("bob");
        let id = newest(t, bob);
        assert_eq!(kept(t, id).line.state, NoticeState::Sending);

        let second = sender(dying.clone());
        run_until_idle(&t.app, &second).expect("it runs");
        assert_eq!(dying.memory.sent().len(), 1, "as long as the claim lasts it may still be at work");
        t.advance(Duration::minutes(11));
        run_until_idle(&t.app, &second).expect("it runs");
        let sent = dying.memory.sent();
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].message_id, sent[1].message_id);
        assert_eq!(sent[0].message_id, format!("<{id}@latchkey.example>"));
        assert_eq!(kept(t, id).line.state, NoticeState::Sent);
        assert_eq!(kept(t, id).line.attempts, 2);
        let links = t.count(&format!("decision_links WHERE request_id = '{request}' AND revoked_at IS NULL"));
        assert_eq!(links, 2, "the first mail may have arrived, so its link stays good");
    }

    /// Who lost the claim marks nothing.
    fn i9_a_lost_claim_marks_nothing(t: &mut Test) {
        let bob = t.person("bob");
        let id = owe(t, bob);
        let (first, second) = (t.app.ids.uuid(), t.app.ids.uuid());
        let hold = Duration::minutes(10);
        let now = t.now();
        assert_eq!(t.write(|tx| Ok(outbox::claim(tx, now, 9, hold, first)?)).len(), 1);
        assert_eq!(t.write(|tx| Ok(outbox::claim(tx, now, 9, hold, second)?)).len(), 0);
        let later = now + Duration::minutes(10);
        assert_eq!(t.write(|tx| Ok(outbox::claim(tx, later, 9, hold, second)?)).len(), 1);
        assert!(!t.write(|tx| Ok(outbox::sent(tx, id, first, later)?)));
        assert!(!t.write(|tx| Ok(outbox::failed(tx, id, first, "x")?)));
        assert!(!t.write(|tx| Ok(outbox::retry(tx, id, first, "x", later)?)));
        assert_eq!(kept(t, id).line.state, NoticeState::Sending);
        assert!(t.write(|tx| Ok(outbox::sent(tx, id, second, later)?)));
        assert_eq!(kept(t, id).line.sent_at, Some(later));
    }
}

/// Takes the first mail and dies.
#[derive(Clone, Default)]
struct Dying {
    memory: Memory,
    dead: Arc<AtomicBool>,
}

impl Transport for Dying {
    fn send(
        &self,
        message: &latchkey::mail::transport::Message,
        envelope: &Envelope<'_>,
    ) -> Result<(), SendError> {
        self.memory.send(message, envelope)?;
        assert!(self.dead.swap(true, Ordering::SeqCst), "killed right after sending");
        Ok(())
    }
}
