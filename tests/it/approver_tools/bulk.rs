//! Several requests at once (SPEC APR-13).

use std::sync::Barrier;

use latchkey::domain::policy::{Approver, Stage};
use latchkey::domain::request::RequestState;
use latchkey::kernel::ids::PackageId;

use super::*;
use crate::requests::{decide, submit, the_request};
use crate::support::form::Form;
use crate::support::html::Page;
use crate::support::{Browser, raw, terms};

const BULK: &str = "/approvals/bulk";

fn address(ids: &[RequestId]) -> String {
    let all: Vec<String> = ids.iter().map(|id| format!("request={id}")).collect();
    format!("{BULK}?{}", all.join("&"))
}

fn form(page: &Page) -> Form {
    page.form(BULK)
}

/// The word of the result of one request.
fn result(page: &Page, id: RequestId) -> String {
    page.state_of(&id.to_string()).unwrap_or_else(|| panic!("no result of {id}"))
}

fn votes(t: &Test, id: RequestId) -> i64 {
    let id = t.literal(&raw::id(id));
    t.count(&format!("votes WHERE request_id = {id}"))
}

/// A package that the group decides.
fn decided_by(t: &mut Test, name: &str, group: &[&str], stage: Stage) -> PackageId {
    let team = t.group(&format!("{name} team"), group);
    let catalog = t.catalog(&format!("{name} catalog"), "carol");
    let package = t.package(catalog, name, &[]);
    let stage = Stage { approvers: vec![Approver::Group { id: team }], ..stage };
    t.policy(package, "P", &terms::members(vec![stage]));
    package
}

on_both! {
    /// Ticked in the queue, looked at once more, decided with one reason: each counts, and each is named (SPEC APR-13).
    fn apr_13_several_requests_are_decided_together(t: &mut Test) {
        let s = t.sales();
        let ids = [submit(t, "alice", s.onboarding), submit(t, "alice", s.deal_desk)];
        let bob = t.sign_in("bob");
        let mut offered = form(&bob.page("/approvals")).offered("request");
        let mut wanted: Vec<String> = ids.iter().map(ToString::to_string).collect();
        offered.sort();
        wanted.sort();
        assert_eq!(offered, wanted, "each request of the queue can be ticked");
        let page = bob.page(&address(&ids));
        assert_eq!(page.count("tbody tr"), 2);
        page.assert_says("I start on Monday");
        assert_eq!(form(&page).values("verdict"), Vec::<String>::new(), "nothing is chosen in advance");
        assert_eq!(t.count("votes"), 0, "looking decides nothing");
        let missing = bob.submit(&form(&page)).expect(422).page();
        missing.assert_says("Choose whether to approve or deny.");
        assert_eq!(missing.count("tbody tr"), 2);
        let sent = form(&page).set("verdict", "approve").set("reason", "Agreed in the meeting");
        let done = bob.submit(&sent).expect(200).page();
        done.assert_says("You approved 2 requests.");
        for id in ids {
            assert_eq!(result(&done, id), "approved");
        }
        assert_eq!(the_request(t, ids[0]).state, RequestState::Delivered);
        assert_eq!((the_request(t, ids[1]).state, the_request(t, ids[1]).stage), (RequestState::PendingApproval, 2));
        assert_eq!(t.count("votes WHERE reason = 'Agreed in the meeting'"), 2);
        assert_eq!(t.count("audit_events WHERE action = 'request.decide'"), 2);
        // A repeated post decides nothing twice, not even the other way round.
        let again = bob.submit(&form(&page).set("verdict", "deny").set("reason", "x")).expect(200).page();
        again.assert_says("You denied 0 requests.");
        for id in ids {
            assert_eq!(result(&again, id), "before");
        }
        assert_eq!(t.count("votes"), 2);
    }

    /// Each fails by itself, with its own words: a reason that its policy wants, decided by somebody else meanwhile,
    /// changed since the page was made, out of time; the others are decided (SPEC APR-13, APR-5, APR-6, APR-7).
    fn apr_13_each_fails_by_itself(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let plain = terms::manager();
        let fine = decided_by(t, "Fine", &["gus", "hana"], plain.clone());
        let strict = decided_by(t, "Strict", &["gus", "hana"], Stage { reason_required: true, ..plain.clone() });
        let taken = decided_by(t, "Taken", &["gus", "hana"], plain.clone());
        let changed = decided_by(t, "Changed", &["gus", "hana"], plain.clone());
        let short = decided_by(t, "Short", &["gus", "hana"], Stage { limit_days: 1, ..plain.clone() });
        let mine = decided_by(t, "Mine", &["gus", "hana"], plain);
        let ids: Vec<_> = [fine, strict, taken, changed, short].map(|p| submit(t, "alice", p)).into();
        let gus = t.sign_in("gus");
        let page = gus.page(&address(&ids));
        assert_eq!(page.count("tbody tr"), 5);
        page.assert_says("It is needed for 1 of them.");
        decide(t, "hana", ids[2], Verdict::Deny);
        let request = t.literal(&raw::id(ids[3]));
        t.sql(&format!("UPDATE requests SET justification = 'More', version = version + 1 WHERE id = {request}"));
        let past = t.literal(&(t.now() - chrono::Duration::minutes(1)).into());
        let late = t.literal(&raw::id(ids[4]));
        t.sql(&format!("UPDATE requests SET due_at = {past} WHERE id = {late}"));
        // I4: an id of one's own request among those posted is refused like any other.
        let own = submit(t, "gus", mine);
        let mut items = form(&page).values("item");
        items.push(format!("{own}.1.{}", the_request(t, own).version));
        items.push(format!("{}.1.1", uuid::Uuid::from_u128(7)));
        let csrf = form(&page).values("csrf").pop().expect("a token");
        let mut fields = vec![("csrf", csrf.as_str()), ("verdict", "approve"), ("reason", "")];
        fields.extend(items.iter().map(|item| ("item", item.as_str())));
        let done = gus.post(BULK, &fields).expect(200).page();
        done.assert_says("You approved 1 request.");
        assert_eq!(result(&done, ids[0]), "approved");
        for id in ids[1..].iter().copied().chain([own]) {
            assert_eq!(result(&done, id), "notDecided", "{}", done.source());
        }
        done.assert_says("Give a reason for your decision.");
        done.assert_says("Hana Example denied this request");
        done.assert_says("This request has changed since you opened it.");
        done.assert_says("The time to decide ended on");
        done.assert_says("You cannot decide this request.");
        done.assert_silent_about("Mine for Gus Example");
        assert_eq!((votes(t, ids[1]), votes(t, ids[3]), votes(t, ids[4]), votes(t, own)), (0, 0, 0, 0));
        assert_eq!(the_request(t, own).state, RequestState::PendingApproval, "I4");
        // What can be tried again is one click away.
        let rest = gus.page(&done.link("Try again with the rest"));
        assert_eq!(rest.count("tbody tr"), 2);
    }

    /// Strangers get nothing done with ids that they guessed; forged items are no form of ours; the number is bounded
    /// (SPEC APR-13, ROL-6).
    fn apr_13_strangers_forgeries_and_too_many(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let bob = t.sign_in("bob");
        let item = form(&bob.page(&address(&[id]))).values("item").pop().expect("an item");
        for name in ["dan", "alice", "mia", "carol", "aud"] {
            let visitor = t.sign_in(name);
            let page = visitor.page(&address(&[id]));
            assert_eq!(page.count("tbody tr"), 0, "{name} can decide nothing");
            page.assert_silent_about("Sales onboarding");
            let csrf = visitor.page("/approvals/history").attribute_of("form[method=post] input[name=csrf]", "value");
            let fields = [("csrf", csrf.as_str()), ("verdict", "approve"), ("reason", "x"), ("item", item.as_str())];
            let done = visitor.post(BULK, &fields).expect(200).page();
            assert_eq!(result(&done, id), "notDecided", "{name}");
        }
        assert_eq!(votes(t, id), 0);
        let csrf = bob.page("/approvals/history").attribute_of("form[method=post] input[name=csrf]", "value");
        let base = [("csrf", csrf.as_str()), ("verdict", "approve"), ("reason", "x")];
        for forged in ["", "x", &id.to_string(), &format!("{item}.1")] {
            bob.post(BULK, &[base.as_slice(), &[("item", forged)]].concat()).expect(400);
        }
        let many: Vec<String> = (0..101).map(|n| format!("{}.1.1", uuid::Uuid::from_u128(n))).collect();
        let mut fields = base.to_vec();
        fields.extend(many.iter().map(|item| ("item", item.as_str())));
        bob.post(BULK, &fields).expect(422).page().assert_says("At most 100 requests can be decided at once.");
        assert_eq!(votes(t, id), 0);
        t.browser().get(BULK).expect(303);
    }

    /// Two approvers decide the same set at the same moment: each request is decided exactly once, and each of the
    /// two hears which of them were theirs (I1, SPEC APR-6, APR-13).
    fn i1_two_approvers_decide_the_same_set_at_once(t: &mut Test) {
        t.person("root");
        let package = decided_by(t, "Shared", &["gus", "hana"], terms::manager());
        let ids: Vec<RequestId> = (0..8)
            .map(|n| {
                t.user(&format!("asker{n}")).create();
                submit(t, &format!("asker{n}"), package)
            })
            .collect();
        let (web, barrier) = (t.web(), Barrier::new(2));
        let keys = ["gus", "hana"].map(|name| {
            let user = t.person(name);
            t.session_of(user)
        });
        let pages: Vec<String> = std::thread::scope(|scope| {
            let hands: Vec<_> = keys
                .iter()
                .zip(["approve", "deny"])
                .map(|(key, verdict)| {
                    let (web, barrier, ids) = (web.clone(), &barrier, &ids);
                    scope.spawn(move || {
                        let name = web.cookie_name("latchkey");
                        let browser = Browser::new(web);
                        browser.set_cookie(&name, key);
                        let sent = form(&browser.page(&address(ids))).set("verdict", verdict).set("reason", verdict);
                        barrier.wait();
                        browser.submit(&sent).expect(200).page().source().to_owned()
                    })
                })
                .collect();
            hands.into_iter().map(|hand| hand.join().expect("no panic")).collect()
        });
        let pages: Vec<Page> = pages.iter().map(|source| Page::parse(source)).collect();
        for id in &ids {
            assert_eq!(votes(t, *id), 1, "one vote each");
            let state = the_request(t, *id).state;
            let (his, hers) = (result(&pages[0], *id), result(&pages[1], *id));
            match state {
                RequestState::Delivered => assert_eq!((his.as_str(), hers.as_str()), ("approved", "notDecided")),
                RequestState::Denied => assert_eq!((his.as_str(), hers.as_str()), ("notDecided", "denied")),
                other => panic!("{id} is {other}"),
            }
        }
        assert_eq!(t.count("audit_events WHERE action = 'request.decide'"), 8);
    }
}
