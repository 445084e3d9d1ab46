//! Who decides, in the policy editor (SPEC APR-1, APR-3, APR-4): chosen, kept, shown in words, and refused beside
//! the field.

use latchkey::domain::Refusal;
use latchkey::domain::policy::{Alternates, Approver, Stage};
use latchkey::store;

use super::refusal;
use crate::support::terms;

on_both! {
    /// Every kind, a fallback and alternates, through the form; the policy's page says it in words; the form shows
    /// again what was saved.
    fn apr_1_apr_3_apr_4_who_decides_is_edited_in_full(t: &mut Test) {
        let sales = t.sales();
        let (carol, mia) = (t.person("carol"), t.person("mia"));
        let priya = t.sign_in("priya");
        let at = format!("/manage/packages/{}/policies/{}", sales.onboarding, sales.onboarding_policy);
        let edit = format!("{at}/edit");
        let form = priya.page(&edit).form(&edit).unset("s1_kinds", "manager1");
        let form = form.set("s1_kinds", "sponsors").set("s1_kinds", "internalSponsors");
        let form = form.fill("s1_fallback", &["carol@demo.example"]);
        let form = form.set("s1_alternates", "on").set("s1_limit", "5").set("s1_alternate_after", "2");
        let form = form.set("s1_alternate_kinds", "resourceOwners").fill("s1_alternate_people", &["mia@demo.example"]);
        priya.done(&form.press("Save as new version"));
        let (_, saved) = t.read(|c| store::policies::current(c, sales.onboarding_policy));
        let stage = &saved.stages[0];
        assert_eq!(stage.approvers, [Approver::Sponsors, Approver::InternalSponsors]);
        assert_eq!(stage.fallback, [Approver::User { id: carol }]);
        let alternates = vec![Approver::ResourceOwners, Approver::User { id: mia }];
        assert_eq!(stage.alternates, Some(Alternates { after_days: 2, approvers: alternates }));
        let page = priya.page(&at);
        page.assert_says("The requestor’s sponsors and the internal sponsors of the requestor’s organization");
        page.assert_says("if nobody can be asked: ");
        page.assert_says("after 2 days without a decision also the owners of the resources and ");
        let again = priya.page(&edit).form(&edit);
        assert_eq!(again.values("s1_kinds"), ["sponsors", "internalSponsors"]);
        assert_eq!((again.values("s1_alternates"), again.values("s1_alternate_after")), (vec!["on".into()], vec!["2".into()]));
        assert_eq!(again.values("s1_alternate_kinds"), ["resourceOwners"]);

        // Each mistake at its field, and nothing typed is lost (SPEC PGE-3).
        let wrong = again.clone().set("s1_alternate_after", "5").set("s1_alternate_kinds", "sponsors");
        let page = priya.submit(&wrong.press("Save as new version")).expect(422).page();
        page.assert_says("Give a number from 1 to 4.");
        page.assert_says("“The requestor’s sponsors” are asked from the start already.");
        assert_eq!(page.form(&edit).values("s1_alternate_after"), ["5"]);
        let none = again.clone().unset("s1_alternate_kinds", "resourceOwners").fill("s1_alternate_people", &[]);
        let page = priya.submit(&none.press("Save as new version")).expect(422).page();
        page.assert_says("Choose at least one alternate");
        // Unticked, the alternates go.
        priya.done(&again.unset("s1_alternates", "on").press("Save as new version"));
        let (_, saved) = t.read(|c| store::policies::current(c, sales.onboarding_policy));
        assert_eq!(saved.stages[0].alternates, None);
    }

    /// The rule holds for whoever writes a policy, by whatever way (SPEC APR-4).
    fn apr_4_alternates_that_make_no_sense_are_refused(t: &mut Test) {
        let sales = t.sales();
        let named = latchkey::domain::package::PolicyFields { name: "P".into(), description: String::new() };
        for (after_days, approvers) in [
            (0, vec![Approver::CatalogOwners]),
            (14, vec![Approver::CatalogOwners]),
            (3, vec![]),
            (3, vec![Approver::Manager { level: 1 }]),
            (3, vec![Approver::Manager { level: 3 }]),
        ] {
            let stage = Stage { alternates: Some(Alternates { after_days, approvers }), ..terms::manager() };
            let bad = terms::members(vec![stage]);
            let tried = t.try_as("priya", |tx, cx, me| {
                latchkey::app::catalog::policies::edit(tx, cx, me, sales.onboarding_policy, 1, &named, &bad)
            });
            assert!(matches!(refusal(tried), Refusal::BadPolicy(_)), "{bad:?}");
        }
    }
}
