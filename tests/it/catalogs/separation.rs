//! Separation of duties (SPEC SOD-1 to SOD-3).

use latchkey::app::AppError;
use latchkey::app::catalog::separation;
use latchkey::app::request::{self, Direct};
use latchkey::domain::Refusal;
use latchkey::domain::access::CatalogRole;
use latchkey::domain::approval::Verdict;
use latchkey::domain::conflict::Against;
use latchkey::domain::policy::Extension;
use latchkey::domain::request::{Changes, RequestState};
use latchkey::kernel::ids::{GroupId, PackageId};
use latchkey::store;

use super::{forbidden, invisible, refusal};
use crate::requests::{decide, submit, sweep, the_assignment, the_request, try_decide, try_submit};
use crate::support::{Test, terms};

fn apart(t: &Test, who: &str, package: PackageId, against: Against, mutual: bool) -> Result<(), AppError> {
    t.try_as(who, |tx, cx, me| separation::add(tx, cx, me, package, against, mutual))
}

/// Two packages without approval that a catalog manager keeps apart, and one that needs the manager's approval.
struct Desk {
    buy: PackageId,
    pay: PackageId,
    audit: PackageId,
    auditors: GroupId,
}

fn desk(t: &mut Test) -> Desk {
    for name in ["alice", "bob", "sam"] {
        t.person(name);
    }
    let catalog = t.catalog("Finance", "carol");
    t.grant_in(catalog, CatalogRole::AssignmentManager, "sam");
    t.grant_in(catalog, CatalogRole::PackageManager, "priya");
    let buyers = t.group("Buyers", &[]);
    let resource = t.resource(catalog, "Buyers", Some(buyers), "carol");
    let role = t.role(resource, "Member", Some("member"));
    let buy = t.package(catalog, "Buying", &[role]);
    let pay = t.package(catalog, "Paying", &[]);
    let audit = t.package(catalog, "Auditing", &[]);
    let mut free = terms::members(vec![]);
    free.extension = Extension { allowed: true, needs_approval: false };
    t.policy(buy, "Everybody", &free);
    t.policy(pay, "Everybody", &free);
    t.policy(audit, "Everybody", &terms::members(vec![terms::manager()]));
    let auditors = t.group("Auditors", &[]);
    Desk { buy, pay, audit, auditors }
}

fn against(t: &Test, who: &str, package: PackageId) {
    match try_submit(t, who, package) {
        Err(AppError::Refused(Refusal::Conflict(_))) => {}
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

on_both! {
    /// Whoever holds one cannot request the other; the refusal names it; the other direction is open (SPEC SOD-1).
    fn sod_1_one_direction_by_request(t: &mut Test) {
        let d = desk(t);
        apart(t, "priya", d.pay, Against::Package(d.buy), false).expect("saved");
        submit(t, "alice", d.buy);
        assert_eq!(refusal(try_submit(t, "alice", d.pay)), Refusal::Conflict("Buying".into()));
        submit(t, "bob", d.pay);
        submit(t, "bob", d.buy);
        let alice = t.sign_in("alice");
        alice.page(&format!("/packages/{}/why", d.pay)).assert_says("Buying");
    }

    /// The box makes it mutual in one step (SPEC SOD-1), for whoever manages both packages; groups go one way only.
    fn sod_1_mutual_needs_the_right_on_both(t: &mut Test) {
        let d = desk(t);
        let other = t.catalog("Treasury", "mia");
        let far = t.package(other, "Bank files", &[]);
        t.policy(far, "Everybody", &terms::members(vec![]));
        invisible(apart(t, "priya", d.pay, Against::Package(far), false));
        t.grant_in(other, CatalogRole::Reader, "priya");
        assert_eq!(refusal(apart(t, "priya", d.pay, Against::Package(far), true)), Refusal::ConflictOneWay("Bank files".into()));
        assert_eq!(t.count("package_conflicts"), 0, "all or nothing");
        apart(t, "priya", d.pay, Against::Package(far), false).expect("one direction");
        t.grant_in(other, CatalogRole::PackageManager, "priya");
        apart(t, "priya", d.pay, Against::Package(far), true).expect("adds what was missing");
        assert_eq!(t.count("package_conflicts"), 2);
        assert_eq!(refusal(apart(t, "priya", d.pay, Against::Package(far), true)), Refusal::ConflictThere("Bank files".into()));
        submit(t, "alice", d.pay);
        against(t, "alice", far);
        submit(t, "bob", far);
        against(t, "bob", d.pay);
        assert!(matches!(refusal(apart(t, "priya", d.pay, Against::Group(d.auditors), true)), Refusal::BadConflict(_)));
        assert!(matches!(refusal(apart(t, "priya", d.pay, Against::Package(d.pay), false)), Refusal::BadConflict(_)));
        let buyers = t.read(|c| store::packages::roles(c, d.buy))[0].group.unwrap();
        assert_eq!(refusal(apart(t, "priya", d.buy, Against::Group(buyers), false)), Refusal::ConflictWithItself("Buyers".into()));
        forbidden(apart(t, "sam", d.pay, Against::Package(d.buy), false), "Access package manager");
        invisible(apart(t, "bob", d.pay, Against::Package(d.buy), false));

        // Both directions go in one step too, and only by whoever may remove both.
        let entry = t.read(|c| store::conflicts::of_package(c, far))[0].0;
        let remove = |t: &Test, who: &str, mutual| t.try_as(who, |tx, cx, me| separation::remove(tx, cx, me, far, entry, mutual));
        invisible(remove(t, "mia", true));
        assert_eq!(t.count("package_conflicts"), 2);
        remove(t, "priya", true).expect("removed");
        assert_eq!(t.count("package_conflicts"), 0);
        let events = t.read(|c| store::audit::list(c, Default::default())).items;
        for action in ["package.addConflict", "package.removeConflict"] {
            assert_eq!(events.iter().filter(|e| e.action == action).count(), 2, "{action}");
        }
    }

    /// Members of an incompatible group cannot get it either, directly neither, not even without approval and by an
    /// administrator (SPEC SOD-1).
    fn sod_1_groups_and_direct_assignment(t: &mut Test) {
        let d = desk(t);
        let (alice, root) = (t.person("alice"), t.person("root"));
        let _ = root;
        apart(t, "carol", d.buy, Against::Group(d.auditors), false).expect("saved");
        t.join(d.auditors, "alice");
        against(t, "alice", d.buy);
        let policy = t.read(|c| store::policies::of_package(c, d.buy))[0].id;
        for who in ["sam", "root"] {
            let direct = t.try_as(who, |tx, cx, me| {
                let wish = Direct {
                    justification: "now".into(),
                    without_approval: who == "root",
                    ..Direct::new(d.buy, policy, alice)
                };
                request::assign(tx, cx, me, &wish)
            });
            assert_eq!(refusal(direct), Refusal::Conflict("Auditors".into()), "{who}");
        }
        assert_eq!(t.count("requests"), 0, "nothing was written");
    }

    /// Whoever holds both keeps both, and cannot extend (SPEC SOD-1, SOD-2).
    fn sod_2_double_holders_keep_both_and_cannot_extend(t: &mut Test) {
        let d = desk(t);
        let held = submit(t, "alice", d.buy);
        submit(t, "alice", d.pay);
        apart(t, "carol", d.buy, Against::Package(d.pay), true).expect("saved");
        sweep(t);
        assert_eq!(t.count("assignments WHERE state = 'delivered'"), 2);
        let assignment = the_assignment(t, held).id;
        let extended = t.try_as("alice", |tx, cx, me| {
            let wish = request::Update {
                assignment,
                changes: Changes::End,
                end: None,
                justification: "more".into(),
                answers: serde_json::json!({}),
                token: String::new(),
            };
            request::update(tx, cx, me, &wish)
        });
        assert_eq!(refusal(extended), Refusal::Conflict("Paying".into()));
        t.advance(chrono::Duration::days(40));
        sweep(t);
        assert_eq!(t.count("assignments WHERE state = 'expired'"), 2, "and each ends at its time");
        submit(t, "alice", d.buy);
    }

    /// Looked at again when it is approved: the approver hears why not, sees it on the page, and can deny (SPEC SOD-3,
    /// APR-8).
    fn sod_3_at_approval(t: &mut Test) {
        let d = desk(t);
        let asked = submit(t, "alice", d.audit);
        submit(t, "alice", d.buy);
        apart(t, "carol", d.audit, Against::Package(d.buy), false).expect("saved");
        let bob = t.sign_in("bob");
        bob.page(&format!("/approvals/{asked}")).assert_says("Buying");
        assert_eq!(refusal(try_decide(t, "bob", asked, Verdict::Approve)), Refusal::Conflict("Buying".into()));
        assert_eq!(the_request(t, asked).state, RequestState::PendingApproval, "nothing changed");
        assert_eq!(t.count("votes"), 0);
        decide(t, "bob", asked, Verdict::Deny);
        assert_eq!(the_request(t, asked).state, RequestState::Denied);
    }

    /// Both halves of a mutual conflict at the same moment: one is given (SPEC SOD-1).
    fn sod_1_two_at_once(t: &mut Test) {
        let d = desk(t);
        apart(t, "carol", d.buy, Against::Package(d.pay), true).expect("saved");
        let ask = |package| {
            move |tx: &mut store::Tx<'_>, cx: &latchkey::app::Cx, me: &latchkey::domain::access::Principal| {
                let wish = request::Submission {
                    package,
                    policy: None,
                    subject: me.user,
                    justification: String::new(),
                    answers: serde_json::json!({}),
                    token: String::new(),
                };
                request::submit(tx, cx, &wish)
            }
        };
        let (buy, pay) = (ask(d.buy), ask(d.pay));
        let both = t.meanwhile(("alice", &buy), ("alice", &pay));
        assert!(both.first.is_ok(), "{both:?}");
        assert_eq!(refusal(both.second), Refusal::Conflict("Buying".into()));
        assert_eq!(t.count("assignments"), 1);
    }

    /// The tab: pick, see who would be in conflict, save, see who has both, export, remove (SPEC SOD-2, PGE-4).
    fn sod_2_through_the_pages(t: &mut Test) {
        let d = desk(t);
        submit(t, "alice", d.buy);
        submit(t, "alice", d.pay);
        submit(t, "bob", d.buy);
        let (alice, bob) = (t.person("alice").to_string(), t.person("bob").to_string());
        let far = t.catalog("Treasury", "mia");
        t.package(far, "Bank files", &[]);
        let priya = t.sign_in("priya");
        let at = format!("/manage/packages/{}/separation", d.buy);
        let tab = priya.page(&at);
        tab.assert_says("can be held together with anything");
        assert!(!tab.source().contains("Bank files"), "nothing of a catalog that she does not see");
        let wrong = priya.get(&format!("{at}/check?other=Bank+files")).expect(422).page();
        wrong.assert_says("No package or group that you may know of is called “Bank files”.");
        let itself = priya.get(&format!("{at}/check?other=Auditors&mutual=yes")).expect(422).page();
        itself.assert_says("one direction only");

        let preview = priya.page(&format!("{at}/check?other=Paying+(package+in+Finance)&mutual=yes"));
        preview.assert_says("1 person has both now");
        assert_eq!(preview.count(&format!("tr[data-id='{alice}']")), 1);
        preview.assert_no_row(&bob);
        assert_eq!(t.count("package_conflicts"), 0, "looking saves nothing");
        let done = priya.done(&preview.form(&at).press("Keep them apart"));
        done.assert_says("Kept apart from now on");
        assert_eq!(t.count("package_conflicts"), 2);
        let people = priya.page(&format!("{at}/people?other=package:{}", d.pay));
        assert_eq!(people.count(&format!("tr[data-id='{alice}']")), 1);
        let sam = t.sign_in("sam");
        assert_eq!(sam.page(&at).count("form[action$='/check']"), 0, "who may only look gets no form");
        let csv = sam.get(&format!("{at}/export.csv")).expect(200);
        assert!(csv.body.contains("alice@demo.example") && !csv.body.contains("bob@demo.example"));
        sam.get(&format!("{at}/check?other=Auditors")).expect(403);
        let group = priya.page(&format!("{at}/check?other=Auditors+(group)"));
        group.assert_says("Nobody has both now.");
        t.join(d.auditors, "bob");
        let group = priya.page(&format!("{at}/check?other=auditors"));
        assert_eq!(group.count(&format!("tr[data-id='{bob}']")), 1, "for groups too");

        let tab = priya.page(&at);
        let entry = t.read(|c| store::conflicts::of_package(c, d.buy))[0].0;
        priya.done(&tab.form(&format!("{at}/{entry}/remove")).press("Remove now"));
        assert_eq!(t.count("package_conflicts"), 0, "both directions, as the box said");
    }
}
