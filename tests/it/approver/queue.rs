//! What waits for whom: exactly what each person can decide, and always as it is now (SPEC APR-3, APR-14).

use std::collections::BTreeSet;

use chrono::Duration;
use latchkey::domain::access::CatalogRole;
use latchkey::domain::policy::{Alternates, Approver, Stage};
use latchkey::kernel::PageRequest;
use latchkey::kernel::ids::UserId;
use latchkey::store::views::approvals::{self, Filter, Order};
use latchkey::store::views::matter;

use super::*;
use crate::support::terms;

fn queue(t: &Test, user: UserId) -> BTreeSet<RequestId> {
    let page = t.read(|c| {
        approvals::queue(c, user, t.now(), &Filter::default(), Order::Due, PageRequest::everything())
    });
    assert_eq!(t.read(|c| approvals::waiting(c, user, t.now())), page.total, "the count and the list agree");
    page.items.into_iter().map(|row| row.id).collect()
}

on_both! {
    /// For every person and every request: it is in the queue if and only if the rules let the person decide it. All
    /// kinds of approvers, the fallback circles and the administrators are among them.
    fn apr_14_the_queue_is_exactly_what_can_be_decided(t: &mut Test) {
        let s = t.sales();
        let partner = t.organization("Supplier", "supplier.example");
        t.user("lena").create();
        t.user("mona").manager("lena").create();
        t.user("nils").manager("mona").create();
        t.user("gone").disabled().create();
        let (gina, sven, olaf, gone) = (t.user("gina").guest(Some(partner)).create(), t.person("sven"), t.person("olaf"), t.person("gone"));
        let (mia, sam) = (t.person("mia"), t.person("sam"));
        t.insert("user_sponsors", &[("user_id", raw::id(gina)), ("sponsor_id", raw::id(sven))]);
        for (user, internal) in [(olaf, true), (mia, false)] {
            t.insert("organization_sponsors", &[("organization_id", raw::id(partner)), ("user_id", raw::id(user)), ("internal", internal.into())]);
        }
        let team = t.group("Reviewers", &["ivo", "nils"]);
        let empty = t.group("Nobody", &[]);
        let lonely = t.catalog("Lonely", "nils");
        let owners = t.group("Owners", &["hugo"]);
        let grant: latchkey::kernel::ids::RoleGrantId = t.app.ids.next();
        let shared = t.catalog("Shared", "carol");
        t.insert("catalog_role_grants", &[
            ("id", raw::id(grant)), ("catalog_id", raw::id(shared)), ("role", CatalogRole::Owner.as_str().into()),
            ("group_id", raw::id(owners)), ("granted_at", t.now().into()),
        ]);
        let tool = t.resource(shared, "Tool", None, "sam");
        let role = t.role(tool, "User", None);
        let with = |approver| terms::stage(vec![approver]);
        let kinds: Vec<Stage> = vec![
            with(Approver::Manager { level: 1 }),
            with(Approver::Manager { level: 2 }),
            with(Approver::Sponsors),
            with(Approver::InternalSponsors),
            with(Approver::ExternalSponsors),
            with(Approver::ResourceOwners),
            with(Approver::CatalogOwners),
            with(Approver::Group { id: team }),
            with(Approver::Group { id: empty }),
            with(Approver::User { id: gone }),
            Stage { fallback: vec![Approver::User { id: sam }], ..with(Approver::Group { id: empty }) },
            Stage {
                alternates: Some(Alternates { after_days: 1, approvers: vec![Approver::User { id: mia }] }),
                ..with(Approver::User { id: olaf })
            },
        ];
        let mut all = vec![submit(t, "alice", s.onboarding), submit(t, "alice", s.deal_desk), submit(t, "bob", s.board_papers)];
        for (n, stage) in kinds.into_iter().enumerate() {
            for catalog in [shared, lonely] {
                let package = t.package(catalog, &format!("Package {n}"), &[role]);
                let mut anyone = terms::members(vec![stage.clone()]);
                anyone.scope = latchkey::domain::policy::Scope::AllUsers;
                t.policy(package, "P", &anyone);
                for asker in ["nils", "gina", "carol"] {
                    all.push(submit(t, asker, package));
                }
            }
        }
        let escalated = t.literal(&raw::id(*all.last().unwrap()));
        t.sql(&format!("UPDATE requests SET escalated = TRUE WHERE id = {escalated}"));
        let names = [
            "alice", "bob", "carol", "dan", "mia", "sam", "root", "aud", "lena", "mona", "nils", "gina", "sven", "olaf",
            "gone", "ivo", "hugo",
        ];
        let mut found = 0;
        let mut waiting_on_nobody: BTreeSet<RequestId> = all.iter().copied().collect();
        for name in names {
            let user = t.person(name);
            let queue = queue(t, user);
            for id in &all {
                let m = t.read(|c| matter::load(c, *id, t.now())).expect("the request");
                let may = m.may_decide(user, t.now());
                assert_eq!(queue.contains(id), may.is_ok(), "{name}, {}: {may:?}", m.package);
                if may.is_ok() {
                    waiting_on_nobody.remove(id);
                }
            }
            found += queue.len();
        }
        assert!(found > 40, "the queues are not empty: {found}");
        assert!(!queue(t, t.principal("root").user).is_empty(), "something is left to the administrators");
        assert_eq!(waiting_on_nobody, BTreeSet::new(), "APR-3: no request waits on nobody");
    }

    /// Who joins the group is asked at once, who leaves is not, and nobody is asked about their own request; a stage
    /// that is out of time waits for nobody (SPEC APR-2, APR-5, APR-14).
    fn apr_14_the_queue_follows_the_directory(t: &mut Test) {
        t.person("root");
        let (gus, hana, ivo) = (t.user("gus").create(), t.user("hana").create(), t.user("ivo").create());
        let team = t.group("Reviewers", &["gus", "hana"]);
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        t.policy(package, "P", &terms::members(vec![terms::stage(vec![Approver::Group { id: team }])]));
        let id = submit(t, "gus", package);
        let only = BTreeSet::from([id]);
        assert_eq!((queue(t, gus), queue(t, hana), queue(t, ivo)), (BTreeSet::new(), only.clone(), BTreeSet::new()));
        t.join(team, "ivo");
        leave(t, team, "hana");
        assert_eq!((queue(t, hana), queue(t, ivo)), (BTreeSet::new(), only.clone()));
        t.sql("UPDATE users SET enabled = FALSE WHERE email = 'ivo@demo.example'");
        let carol = t.person("carol");
        assert_eq!((queue(t, ivo), queue(t, carol)), (BTreeSet::new(), only), "the owners act for an empty circle");
        t.advance(Duration::days(14));
        assert_eq!(queue(t, carol), BTreeSet::new());
    }

    /// The page of the queue: due first, searched, in pages, with a way to each request.
    fn pge_2_the_queue_is_ordered_searched_and_paged(t: &mut Test) {
        let s = t.sales();
        let bob = t.sign_in("bob");
        bob.page("/approvals").assert_says("Nothing waits for you");
        let package = t.package(s.catalog, "Quick look", &[]);
        let quick = Stage { limit_days: 1, ..terms::manager() };
        t.policy(package, "P", &terms::members(vec![quick]));
        let slow = submit(t, "alice", s.onboarding);
        t.advance(Duration::minutes(1));
        let soon = submit(t, "alice", package);
        for n in 0..25 {
            t.user(&format!("report{n:02}")).manager("bob").create();
            submit(t, &format!("report{n:02}"), s.onboarding);
        }
        let bob = t.sign_in("bob");
        let page = bob.page("/approvals");
        assert_eq!(page.count("tbody tr"), 25);
        page.assert_says("27");
        assert_eq!(page.attribute_of("tbody tr:first-child", "data-id"), soon.to_string(), "what is due first");
        let rest = bob.page("/approvals?page=2");
        assert_eq!(rest.count("tbody tr"), 2);
        let newest = bob.page("/approvals?sort=newest&page=2");
        assert_eq!(newest.attribute_of("tbody tr:last-child", "data-id"), slow.to_string());
        let found = bob.page("/approvals?q=QUICK+alice");
        assert_eq!(found.count("tbody tr"), 1);
        bob.page("/approvals?q=no+such+thing").assert_says("No request matches");
        bob.get("/approvals?page=zzz&sort=%00&x=1").expect(200);
        let href = found.link("Decide Quick look for Alice Example");
        bob.page(&href).assert_says("Quick look");
    }
}
